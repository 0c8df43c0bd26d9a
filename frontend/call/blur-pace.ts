/** Whether a computer keeps up with blurring: judged once a second from how long pictures took. */

/** A picture that takes longer leaves fewer than twelve a second. */
const BUDGET_MS = 80;
const SECONDS = 5;

export type Pace = "well" | "lighter" | "too-busy";

export class BlurPace {
  private took = 0;
  private pictures = 0;
  private strained = 0;
  private lightened = false;

  /** One picture took so long, waiting for the processor included. */
  painted(milliseconds: number): void {
    this.took += milliseconds;
    this.pictures += 1;
  }

  /**
   * Once a second; `limited`: the encoder finds the processor too busy. Five strained seconds on end ask for lighter
   * work, five more say that it is too much. A second without a picture counts for nothing: the camera may be off.
   */
  second(limited: boolean): Pace {
    const mean = this.pictures ? this.took / this.pictures : 0;
    this.took = this.pictures = 0;
    this.strained = limited || mean > BUDGET_MS ? this.strained + 1 : 0;
    if (this.strained < SECONDS) return "well";
    this.strained = 0;
    const pace = this.lightened ? "too-busy" : "lighter";
    this.lightened = true;
    return pace;
  }
}
