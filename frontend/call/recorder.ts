/** Recording a few seconds of one's own microphone and hearing them again. Nothing leaves the browser. */

export const RECORD_MS = 5000;

/** Record `track` for `ms`. Rejects when the browser cannot, or the microphone ends before. */
export function record(track: MediaStreamTrack, ms: number = RECORD_MS): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(new MediaStream([track]));
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => void (data.size && parts.push(data));
    recorder.onstop = () => (parts.length ? resolve(new Blob(parts, { type: recorder.mimeType })) : reject(new Error("nothing")));
    recorder.onerror = () => reject(new Error("recorder"));
    recorder.start();
    setTimeout(() => recorder.state !== "inactive" && recorder.stop(), ms);
  });
}
