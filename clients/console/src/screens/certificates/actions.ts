// The quick actions of one certificate: what each asks first, does, and is called as a command.

import { html, type TemplateResult } from "lit";

import { answerOf, api, type Certificate, once } from "../../api/client";
import { asError } from "../../api/problems";
import { commandsOf, copyAsCommand, type Labelled } from "../../pieces/command";
import { ask, tell } from "../../pieces/dialogs";
import type { IconName } from "../../pieces/icon";
import { moment } from "../../pieces/format";
import { notify } from "../../pieces/notices";
import { address, go } from "../../router";
import { session } from "../../session/session";

export interface QuickAction extends Labelled {
  name: string;
  icon: IconName;
  dangerous?: boolean;
  /** Whether something has changed. */
  act: () => Promise<boolean>;
}

/** What the caller may do with `certificate` at once; what would be refused is not there. */
export function quickActions(certificate: Certificate): QuickAction[] {
  const { id, alias } = certificate;
  const path = `/v1/certificates/${encodeURIComponent(id)}`;
  const actions: QuickAction[] = [];
  if (session.mayOn(certificate, "certificates:edit")) {
    const to = certificate.status === "enabled" ? "disable" : "enable";
    actions.push({
      name: to,
      label: to === "disable" ? "Disable" : "Enable",
      icon: to,
      command: { signet: ["certificates", to], names: [alias], method: "POST", path: `${path}/${to}` },
      act: () => (to === "disable" ? disable(certificate) : enable(certificate)),
    });
  }
  actions.push({ ...downloadOf(certificate, "der", "Download"), name: "download", icon: "download", act: () => download(certificate, "der") });
  if (session.mayOn(certificate, "signing_requests:create") && certificate.renewed_by === null) {
    actions.push({
      name: "renew",
      label: "CSR / Renew",
      icon: "renew",
      command: { signet: ["certificates", "renew"], names: [alias], method: "POST", path: `${path}/renew`, body: {} },
      act: async () => {
        if (certificate.pending_request) go(address("requests", certificate.pending_request));
        else go(address("certificates", id, "renew"));
        return false;
      },
    });
  }
  if (session.mayOn(certificate, "certificates:delete")) {
    actions.push({
      name: "delete",
      label: "Delete",
      icon: "delete",
      dangerous: true,
      command: { signet: ["certificates", "delete"], names: [alias], method: "DELETE", path },
      act: () => remove(certificate),
    });
  }
  return actions;
}

/** The commands of what `actions` do with a certificate, in a dialog: some of them are done without another one. */
export function tellCommands(certificate: Certificate, actions: readonly QuickAction[]): void {
  tell(`Commands for ${certificate.alias}`, html`<div class="commands">${commandsOf(actions)}</div>`);
}

async function enable(certificate: Certificate): Promise<boolean> {
  await answerOf(
    api.POST("/v1/certificates/{certificate}/enable", {
      params: { path: { certificate: certificate.id }, header: once() },
    }),
  );
  notify(`${certificate.alias} is enabled`);
  return true;
}

function disable(certificate: Certificate): Promise<boolean> {
  return ask({
    title: "Disable this certificate?",
    content: () => html`<p>Nobody can sign with <strong dir="auto">${certificate.alias}</strong> until it is enabled again, not even its owner.</p>
      ${commandOf(certificate, "disable")}`,
    confirm: "Disable",
    act: async () => {
      await answerOf(
        api.POST("/v1/certificates/{certificate}/disable", {
          params: { path: { certificate: certificate.id }, header: once() },
        }),
      );
      notify(`${certificate.alias} is disabled`);
    },
  });
}

function remove(certificate: Certificate): Promise<boolean> {
  let typed = "";
  return ask({
    title: "Delete this certificate for good?",
    content: (change) => html`
      <p>The certificate <strong dir="auto">${certificate.alias}</strong>${certificate.has_private_key ? " and its private key are" : " is"} gone at once and
        cannot be brought back. It was used ${certificate.usage_count} times, last ${moment(certificate.last_used_at)}. Its events stay.</p>
      <label>Type its name to confirm
        <input type="text" autocomplete="off" autofocus .value=${typed} @input=${(event: InputEvent) => {
          typed = (event.target as HTMLInputElement).value;
          change();
        }} />
      </label>
      ${commandOf(certificate, "delete")}`,
    confirm: "Delete",
    dangerous: true,
    ready: () => typed.normalize("NFC").toLowerCase() === certificate.alias.normalize("NFC").toLowerCase(),
    act: async () => {
      await answerOf(
        api.DELETE("/v1/certificates/{certificate}", {
          params: { path: { certificate: certificate.id } },
        }),
      );
      notify(`${certificate.alias} is deleted`);
    },
  });
}

function commandOf(certificate: Certificate, name: string): TemplateResult {
  const action = quickActions(certificate).find((each) => each.name === name);
  return action ? copyAsCommand(action.command) : html``;
}

export type Format = "der" | "pem" | "pem_chain" | "pkcs7";

/** A download as a command. */
export function downloadOf({ id, alias }: Certificate, format: Format, label: string): Labelled {
  const path = `/v1/certificates/${encodeURIComponent(id)}/download?format=${format}`;
  return { label, command: { signet: ["certificates", "download", "--format", format], names: [alias], method: "GET", path, saves: true } };
}

/** Save the certificate as a file under the name that the service gives it. */
export async function download(certificate: Certificate, format: Format): Promise<boolean> {
  try {
    const asked = api.GET("/v1/certificates/{certificate}/download", {
      params: { path: { certificate: certificate.id }, query: { format } },
      parseAs: "blob",
    });
    const { response } = await asked;
    save((await answerOf(asked)) as unknown as Blob, nameOf(response) ?? `${certificate.alias}.cer`);
  } catch (error) {
    notify(asError(error).message);
  }
  return false;
}

/** The name in `Content-Disposition`, in any script (RFC 6266, 4.3). */
export function nameOf(response: Response): string | null {
  const found = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "");
  return found ? decodeURIComponent(found[1] ?? "") : null;
}

export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
