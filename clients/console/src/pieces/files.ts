// Files that people drop or choose, within the bounds of the service.

import { html, type TemplateResult } from "lit";

/** The longest file that the service reads (its `file_too_large`). */
export const MOST_BYTES = 256 * 1024;

/** Why a file is not sent at all. */
export function sizeRefused(file: Blob): string {
  return file.size === 0 ? "It is empty." : `It has ${Math.ceil(file.size / 1024)} KB; a certificate file has at most ${MOST_BYTES / 1024} KB.`;
}

export function dropZone(text: string, several: boolean, take: (files: File[]) => void): TemplateResult {
  const over = (event: DragEvent, on: boolean): void => {
    event.preventDefault();
    (event.currentTarget as Element).classList.toggle("over", on);
  };
  return html`<label class="drop" @dragover=${(event: DragEvent) => over(event, true)} @dragleave=${(event: DragEvent) => over(event, false)}
    @drop=${(event: DragEvent) => {
      over(event, false);
      take([...(event.dataTransfer?.files ?? [])]);
    }}>
    <span>${text}</span>
    <input type="file" ?multiple=${several} @change=${(event: Event) => {
      const input = event.target as HTMLInputElement;
      take([...(input.files ?? [])]);
      input.value = "";
    }} />
  </label>`;
}

export async function base64Of(file: Blob): Promise<string> {
  const octets = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < octets.length; at += 0x8000) text += String.fromCharCode(...octets.subarray(at, at + 0x8000));
  return btoa(text);
}
