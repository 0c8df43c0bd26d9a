/** What a framed page says: to the page around and no other, or to the app whose web view it is in. */
import { begunFor } from "./document";

interface Port {
  postMessage(text: string): void;
}

/** The ways in which apps listen: Apple's, one that Android's app gives this name, and React Native's. */
interface App {
  readonly webkit?: { readonly messageHandlers?: { readonly vestibule?: Port } };
  readonly vestibuleApp?: Port;
  readonly ReactNativeWebView?: Port;
}

export const isInApp = (): boolean => begunFor() === "app";

export function say(type: string, more: object = {}): void {
  const message = { vestibule: 1, type, ...more };
  if (!isInApp()) {
    // A page that was opened in a window of its own has nobody around it.
    if (parent !== window) parent.postMessage(message, begunFor());
    return;
  }
  const { webkit, vestibuleApp, ReactNativeWebView } = window as App;
  const text = JSON.stringify(message);
  for (const port of [webkit?.messageHandlers?.vestibule, vestibuleApp, ReactNativeWebView]) port?.postMessage(text);
}
