/**
 * Passkeys on the sign-in and account pages.
 *
 * A form with `data-passkey` ("use" or "make") asks the device when it is sent, and then goes off with the device's
 * answer in its field `credential`. What to ask is JSON at `data-options`, or in the page's #passkey-options.
 * Such a form may be hidden in the page: it shows where the browser knows passkeys.
 */
interface Described {
  id: string;
  type: PublicKeyCredentialType;
  transports?: AuthenticatorTransport[];
}
type Json = Record<string, unknown>;

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer | null): string | undefined {
  if (!buffer) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function described(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list ?? []) as Described[]).map((one) => ({ ...one, id: bytes(one.id) }));
}

async function use(options: Json): Promise<Json> {
  const asked = options["publicKey"] as Json;
  const publicKey = {
    ...asked,
    challenge: bytes(asked["challenge"] as string),
    allowCredentials: described(asked["allowCredentials"]),
  } as PublicKeyCredentialRequestOptions;
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const answer = credential.response as AuthenticatorAssertionResponse;
  return outline(credential, {
    authenticatorData: text(answer.authenticatorData),
    signature: text(answer.signature),
    userHandle: text(answer.userHandle),
  });
}

async function make(options: Json): Promise<Json> {
  const asked = options["publicKey"] as Json;
  const user = asked["user"] as Json;
  const publicKey = {
    ...asked,
    challenge: bytes(asked["challenge"] as string),
    user: { ...user, id: bytes(user["id"] as string) },
    excludeCredentials: described(asked["excludeCredentials"]),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const answer = credential.response as AuthenticatorAttestationResponse;
  return outline(credential, {
    attestationObject: text(answer.attestationObject),
    transports: answer.getTransports?.() ?? [],
  });
}

function outline(credential: PublicKeyCredential, response: Json): Json {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  };
}

async function optionsOf(form: HTMLFormElement): Promise<Json> {
  const address = form.dataset["options"];
  if (!address) return JSON.parse(document.getElementById("passkey-options")?.textContent ?? "{}") as Json;
  const reply = await fetch(address, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`options: ${reply.status}`);
  return (await reply.json()) as Json;
}

async function send(form: HTMLFormElement): Promise<void> {
  const problem =
    form.querySelector("[data-passkey-problem]") ?? document.querySelector("[data-passkey-problem]");
  const button = form.querySelector("button");
  if (problem) problem.textContent = "";
  button?.setAttribute("aria-busy", "true");
  try {
    const options = await optionsOf(form);
    const wanted = (options["creation_options"] ?? options["request_options"] ?? options) as Json;
    const credential = form.dataset["passkey"] === "make" ? await make(wanted) : await use(wanted);
    const field = form.elements.namedItem("credential") as HTMLInputElement;
    field.value = JSON.stringify(credential);
    form.submit();
  } catch {
    button?.removeAttribute("aria-busy");
    if (problem) problem.textContent = form.dataset["refused"] ?? "";
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
  if (!("credentials" in navigator) || !("PublicKeyCredential" in window)) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form);
  });
}
