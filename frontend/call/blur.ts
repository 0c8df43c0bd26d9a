/**
 * A blurred background, where the camera itself can make one (`backgroundBlur`: Windows Studio Effects, ChromeOS,
 * Apple's portrait effect). It costs no processor of ours and nothing is fetched. Elsewhere there is none, and the
 * reason is told: `docs/explanation/calls.md` says why no model runs in the page.
 */

/** `""` = can be switched; the others say why not. `fixed`: only the system's own settings can change it. */
export type BlurReason = "" | "no-camera" | "unsupported" | "fixed" | "processor";

export interface BlurState {
  readonly available: boolean;
  readonly on: boolean;
  readonly reason: BlurReason;
}

type WithBlur = { readonly backgroundBlur?: unknown };

export function blurOf(camera: MediaStreamTrack | null): BlurState {
  if (!camera) return { available: false, on: false, reason: "no-camera" };
  const able = typeof camera.getCapabilities === "function" ? (camera.getCapabilities() as WithBlur).backgroundBlur : undefined;
  const on = (camera.getSettings() as WithBlur).backgroundBlur === true;
  const choices: readonly unknown[] = Array.isArray(able) ? able : [];
  if (choices.includes(true) && choices.includes(false)) return { available: true, on, reason: "" };
  return { available: false, on, reason: choices.length ? "fixed" : "unsupported" };
}

/** Ask the camera to blur, or to stop. Answers how it is afterwards; never throws. */
export async function setBlurOf(camera: MediaStreamTrack | null, on: boolean): Promise<BlurState> {
  const before = blurOf(camera);
  if (!camera || !before.available) return before;
  await camera.applyConstraints({ ...camera.getConstraints(), backgroundBlur: on } as MediaTrackConstraints).catch(() => undefined);
  return blurOf(camera);
}
