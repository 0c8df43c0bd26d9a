/** The server's side of a page's socket: it greets, and says one numbered message after the other. */
import { FakeClock, settle } from "./fake-clock";
import { FakeSocket } from "./fake-socket";

export function connect() {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const options = {
    url: "ws://test",
    clock,
    random: () => 1,
    open: () => sockets[sockets.push(new FakeSocket()) - 1]!,
    onOnline: () => () => {},
  };
  const server = () => sockets.at(-1)!;
  const greet = async (welcome: object) => {
    server().onopen?.();
    await settle();
    server().say({ type: "welcome", session: "ses_1", resumed: false, seq: 0, server_time: "2026-03-02T09:00:00Z", ...welcome });
    await settle();
  };
  let seq = 0;
  const say = (message: object) => server().say({ ...message, seq: ++seq });
  return { clock, options, server, greet, say, renumber: () => (seq = 0) };
}
