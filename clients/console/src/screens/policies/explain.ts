// Would this caller be allowed, from there, at that moment? The same evaluation that signing uses, deciding nothing.

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";

import { answerOf, api, type Schemas } from "../../api/client";
import { asError } from "../../api/problems";
import { type Command, copyAsCommand } from "../../pieces/command";
import { ConsoleElement } from "../../pieces/element";
import { explanation } from "../../pieces/explanation";
import { linesField, textField } from "../../pieces/fields";
import { refusal } from "../../pieces/states";

@customElement("policy-explain")
export class PolicyExplain extends ConsoleElement {
  @state() private asked = { certificate: "", user: "", process: "", source_ip: "", at: "" };
  @state() private userGroups: string[] = [];
  @state() private told: Schemas["ExplanationBody"] | null = null;
  @state() private error: Error | null = null;
  @state() private busy = false;

  private get body(): Schemas["ExplainBody"] {
    const { certificate, user, process, source_ip, at } = this.asked;
    return {
      certificate: certificate.trim(),
      user: user.trim(),
      ...(this.userGroups.length ? { user_groups: this.userGroups } : {}),
      ...(process.trim() ? { application: { process: process.trim() } } : {}),
      ...(source_ip.trim() ? { source_ip: source_ip.trim() } : {}),
      ...(at.trim() ? { at: at.trim() } : {}),
    };
  }

  private get command(): Command {
    const { body } = this;
    const options = [
      ...["--user", body.user || "USER"],
      ...this.userGroups.flatMap((each) => ["--user-group", each]),
      ...(body.application?.process ? ["--process", body.application.process] : []),
      ...(body.source_ip ? ["--source-ip", body.source_ip] : []),
      ...(body.at ? ["--at", body.at] : []),
    ];
    return { signet: ["policies", "explain", ...options], names: [body.certificate || "CERTIFICATE"], method: "POST", path: "/v1/policies/explain", body };
  }

  override render(): TemplateResult {
    const field = (name: keyof typeof this.asked, label: string, hint = "", required = false): TemplateResult =>
      textField({ name, label, hint, required, value: this.asked[name], error: this.error, change: (value) => (this.asked = { ...this.asked, [name]: value }) });
    return html`<section class="card explain"><h2>Explain</h2>
      <p class="quiet">Would this caller be allowed? The answer is what signing would decide, and nothing happens.</p>
      <form @submit=${this.submit}><div class="pair">
        ${field("certificate", "Certificate", "Name or id", true)} ${field("user", "User", "Such as corp/alice", true)}
        ${linesField({ name: "user_groups", label: "User groups", value: this.userGroups, rows: 1, change: (value) => (this.userGroups = value) })}
        ${field("process", "Program", "As the caller states it, such as signtool")} ${field("source_ip", "Address of the caller", "Such as 203.0.113.7")}
        ${field("at", "Moment", "Such as 2026-11-22T13:00:00Z; now, where it is empty")}</div>
        ${refusal(this.error)}
        <div class="buttons"><button type="submit" class="wa-brand" ?disabled=${this.busy}>Explain</button></div>
        <div role="status">${this.told ? explanation(this.told) : nothing}</div>
        ${copyAsCommand(this.command)}
      </form></section>`;
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    this.busy = true;
    this.error = null;
    this.told = null;
    try {
      this.told = await answerOf(api.POST("/v1/policies/explain", { body: this.body }));
    } catch (error) {
      this.error = asError(error);
    }
    this.busy = false;
  }
}
