/** What the call logic needs of time. Milliseconds throughout; `now` only ever grows. */
export interface Clock {
  now(): number;
  /** Run `task` once after `delay`; the answer cancels it. */
  after(delay: number, task: () => void): () => void;
  /** Run `task` every `delay`; the answer stops it. */
  every(delay: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, task) {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
  every(delay, task) {
    const timer = setInterval(task, delay);
    return () => clearInterval(timer);
  },
};
