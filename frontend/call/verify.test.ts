import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./testing/fake-clock";
import { Verification, commitment, fingerprintOf, shortCode } from "./verify";

type Part = { commit?: string; nonce?: string };

async function exchange(seenByA: string, seenByB: string, meddle: (part: Part) => Part = (part) => part) {
  const codes: Record<string, string | null | undefined> = {};
  const log: string[] = [];
  const a: Verification = new Verification(
    () => "sha-256 AA",
    () => seenByA,
    (part) => {
      log.push(part.commit ? "A commits" : "A shows");
      void b.hear(meddle(part));
    },
    (code) => (codes["a"] = code),
  );
  const b: Verification = new Verification(
    () => "sha-256 BB",
    () => seenByB,
    (part) => {
      log.push(part.commit ? "B commits" : "B shows");
      void a.hear(part);
    },
    (code) => (codes["b"] = code),
  );
  await Promise.all([a.proceed(), b.proceed()]);
  for (let i = 0; i < 5; i += 1) await settle();
  return { codes, log };
}

test("two people without anybody between them read the same six digits", async () => {
  const { codes } = await exchange("sha-256 BB", "sha-256 AA");
  assert.match(codes["a"] ?? "", /^\d{6}$/);
  assert.equal(codes["a"], codes["b"]);
});

test("each shows the number only after the other has committed", async () => {
  const { log } = await exchange("sha-256 BB", "sha-256 AA");
  const shown = log.findIndex((step) => step.endsWith("shows"));
  assert.deepEqual(log.slice(0, shown).sort(), ["A commits", "B commits"]);
});

test("somebody in between, with certificates of their own, is not confirmed", async () => {
  const { codes } = await exchange("sha-256 M1", "sha-256 M2");
  assert.equal(codes["a"], null);
  assert.equal(codes["b"], null);
});

test("a number that does not fit its commitment gives no code", async () => {
  const { codes } = await exchange("sha-256 BB", "sha-256 AA", (part) => (part.nonce ? { nonce: "00" } : part));
  assert.equal(codes["b"], null);
});

test("a number before its commitment is not taken", async () => {
  let code: string | null | undefined;
  const one = new Verification(() => "sha-256 AA", () => "sha-256 BB", () => undefined, (value) => (code = value));
  await one.hear({ nonce: "11" });
  await one.hear({ commit: await commitment("22", "sha-256 BB") });
  await one.hear({ nonce: "22" });
  assert.match(code ?? "", /^\d{6}$/);
});

test("the code does not depend on who computes it", async () => {
  const ada = { nonce: "1", fingerprint: "A" };
  const bo = { nonce: "2", fingerprint: "B" };
  assert.equal(await shortCode(ada, bo), await shortCode(bo, ada));
  assert.notEqual(await shortCode(ada, bo), await shortCode({ ...ada, nonce: "3" }, bo));
});

test("the certificate is read from a description", () => {
  assert.equal(fingerprintOf("v=0\r\na=fingerprint:SHA-256 ab:cd\r\na=setup:active\r\n"), "sha-256 AB:CD");
  assert.equal(fingerprintOf("v=0\r\n"), null);
  assert.equal(fingerprintOf(undefined), null);
});
