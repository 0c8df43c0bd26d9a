import type { Clock } from "../clock";

interface Task {
  at: number;
  readonly every: number | null;
  readonly run: () => void;
}

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  private time = 0;
  private readonly tasks = new Set<Task>();

  now(): number {
    return this.time;
  }

  after(delay: number, run: () => void): () => void {
    return this.plan({ at: this.time + delay, every: null, run });
  }

  every(delay: number, run: () => void): () => void {
    return this.plan({ at: this.time + delay, every: delay, run });
  }

  /** Run everything due in the next `length` ms, in order, letting promises settle after each. */
  async advance(length: number): Promise<void> {
    const end = this.time + length;
    for (;;) {
      await settle();
      const due = [...this.tasks].filter((task) => task.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.time = due.at;
      if (due.every === null) this.tasks.delete(due);
      else due.at += due.every;
      due.run();
    }
    this.time = end;
    await settle();
  }

  private plan(task: Task): () => void {
    this.tasks.add(task);
    return () => this.tasks.delete(task);
  }
}

/** Let promises, and what they start, run. Hashing leaves the thread, so one round of the event loop is not enough. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}
