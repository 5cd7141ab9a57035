// Short notices of what was done, told to screen readers as well.

import { html, render } from "lit";

interface Notice {
  text: string;
  id: number;
}

let shown: Notice[] = [];
let next = 0;

export function notify(text: string): void {
  const notice = { text, id: next++ };
  shown = [...shown.slice(-2), notice];
  draw();
  setTimeout(() => {
    shown = shown.filter((each) => each !== notice);
    draw();
  }, 6000);
}

function draw(): void {
  const place = document.getElementById("notices");
  if (place) render(shown.map((each) => html`<p class="notice">${each.text}</p>`), place);
}
