// The part of Node that unit tests use. The whole of Node's types would also declare its globals
// (timers, fetch, events) over the browser's, and code for browsers is checked against the browser's.

declare module "node:test" {
  interface TestContext {
    skip(why: string): void;
    after(fn: () => void | Promise<void>): void;
    readonly mock: MockTracker;
  }
  type TestFn = (context: TestContext) => void | Promise<void>;
  interface MockCall {
    readonly arguments: unknown[];
    readonly result: unknown;
  }
  interface MockTimers {
    enable(options?: { apis?: ("setTimeout" | "setInterval" | "Date")[]; now?: number | Date }): void;
    tick(milliseconds?: number): void;
    runAll(): void;
    reset(): void;
  }
  interface MockTracker {
    fn<F extends (...args: never[]) => unknown>(original?: F): F & { mock: { calls: MockCall[]; callCount(): number } };
    readonly timers: MockTimers;
    reset(): void;
  }
  export const mock: MockTracker;
  export function test(name: string, fn: TestFn): Promise<void>;
  export function test(name: string, options: { timeout?: number }, fn: TestFn): Promise<void>;
  export function describe(name: string, fn: () => void): void;
  export function it(name: string, fn: TestFn): void;
  export function before(fn: () => void | Promise<void>): void;
  export function after(fn: () => void | Promise<void>): void;
  export function beforeEach(fn: () => void | Promise<void>): void;
  export function afterEach(fn: () => void | Promise<void>): void;
  export default test;
}

declare module "node:assert/strict" {
  interface Assert {
    (value: unknown, message?: string): asserts value;
    ok(value: unknown, message?: string): asserts value;
    equal<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
    notEqual(actual: unknown, expected: unknown, message?: string): void;
    deepEqual<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
    notDeepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(value: string, pattern: RegExp, message?: string): void;
    doesNotMatch(value: string, pattern: RegExp, message?: string): void;
    throws(fn: () => unknown, expected?: RegExp | object, message?: string): void;
    rejects(fn: Promise<unknown> | (() => Promise<unknown>), expected?: RegExp | object): Promise<void>;
    fail(message?: string): never;
  }
  const assert: Assert;
  export default assert;
}

declare module "node:child_process" {
  interface Ran {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }
  export function spawnSync(program: string, words: string[], options: { cwd?: string; encoding: "utf8" }): Ran;
}

declare module "node:fs" {
  export function cpSync(from: string, to: string, options?: { recursive: boolean }): void;
  export function mkdtempSync(prefix: string): string;
  export function readFileSync(path: string | URL): Uint8Array;
  export function readFileSync(path: string | URL, encoding: "utf8"): string;
  export function rmSync(path: string, options: { recursive: boolean; force: boolean }): void;
  export function writeFileSync(path: string, text: string): void;
  export function mkdirSync(path: string, options: { recursive: boolean }): void;
  export function readdirSync(path: string, options: { recursive: boolean; encoding: "utf8" }): string[];
}

declare module "node:os" {
  export function tmpdir(): string;
}

declare module "node:zlib" {
  export function gzipSync(bytes: Uint8Array, options: { level: number }): Uint8Array;
}

declare module "node:process" {
  export const execPath: string;
}

declare module "node:timers/promises" {
  export function setTimeout<T = void>(milliseconds: number, value?: T): Promise<T>;
}
