/** Somebody drawn, where there is no camera: head and shoulders before a wall. */
const WIDTH = 960;
const HEIGHT = 540;

export interface Look {
  readonly wall: string;
  readonly coat: string;
  readonly skin: string;
  readonly hair: string;
}

export const PARTNER: Look = { wall: "#cfdad6", coat: "#f7f8f6", skin: "#c98f6b", hair: "#3b2a22" };
export const SELF: Look = { wall: "#d8d3c4", coat: "#45617a", skin: "#e2b393", hair: "#6d4a2c" };

function draw(brush: CanvasRenderingContext2D, look: Look): void {
  const middle = WIDTH / 2;
  const fill = (colour: string, shape: () => void) => {
    brush.fillStyle = colour;
    brush.beginPath();
    shape();
    brush.fill();
  };
  fill(look.wall, () => brush.rect(0, 0, WIDTH, HEIGHT));
  fill("rgb(255 255 255 / 25%)", () => brush.roundRect(90, 60, 210, 260, 8));
  fill("rgb(0 0 0 / 6%)", () => brush.roundRect(720, 110, 140, 430, 6));
  fill(look.coat, () => brush.ellipse(middle, HEIGHT + 70, 250, 230, 0, 0, Math.PI * 2));
  fill(look.skin, () => brush.roundRect(middle - 38, 290, 76, 90, 30));
  fill(look.hair, () => brush.ellipse(middle, 190, 112, 126, 0, 0, Math.PI * 2));
  fill(look.skin, () => brush.ellipse(middle, 218, 90, 112, 0, 0, Math.PI * 2));
  fill(look.hair, () => brush.ellipse(middle, 132, 96, 44, 0, Math.PI, Math.PI * 2));
  fill("#2b2320", () => brush.ellipse(middle - 33, 212, 7, 8, 0, 0, Math.PI * 2));
  fill("#2b2320", () => brush.ellipse(middle + 33, 212, 7, 8, 0, 0, Math.PI * 2));
  brush.strokeStyle = "#7d4a3a";
  brush.lineWidth = 6;
  brush.lineCap = "round";
  brush.beginPath();
  brush.arc(middle, 252, 34, 0.25 * Math.PI, 0.75 * Math.PI);
  brush.stroke();
}

/** A video track of somebody sitting quite still. */
export function pictureOf(look: Look): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const brush = canvas.getContext("2d");
  const stream = canvas.captureStream(4);
  if (brush) {
    draw(brush, look);
    setInterval(() => draw(brush, look), 250); // who looks later is shown a picture too
  }
  const [track] = stream.getVideoTracks();
  if (!track) throw new Error("a canvas has one picture");
  return track;
}
