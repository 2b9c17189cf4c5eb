import { createHash } from 'node:crypto';

/** The one stylesheet: phone first, calm, dark where the reader’s system is. Every pair of colours has a contrast of 4.5 : 1 or more. */
export const stylesheet = `:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --card: #fff; --ink: #22272b; --quiet: #5b646b; --line: #dcd9d0;
  --accent: #1f5f4a; --on-accent: #fff; --warn: #8a3b12; --warn-paper: #fdf1e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16191b; --card: #1f2427; --ink: #e6e6e1; --quiet: #a3acb2; --line: #353c40;
    --accent: #8fd3b6; --on-accent: #10231b; --warn: #f3b58c; --warn-paper: #33261d;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; gap: 1.25rem;
  padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
body > * { width: 100%; max-width: 40rem; margin-inline: auto; }
header { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; font-size: .9375rem; }
header strong { overflow-wrap: anywhere; }
main {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem;
  overflow-wrap: anywhere;
}
main > :first-child { margin-top: 0; }
main > :last-child, main > form > :last-child { margin-bottom: 0; }
footer { margin-top: auto; font-size: .875rem; color: var(--quiet); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; text-wrap: balance; }
h2 { font-size: 1.0625rem; margin: 1.75rem 0 .5rem; }
p, ul, dl, pre, form { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
.quiet { color: var(--quiet); }
.text { white-space: pre-line; }
.note { background: var(--warn-paper); color: var(--warn); border-radius: .5rem; padding: .625rem .875rem; }
.skip { position: absolute; left: -100vw; width: auto; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 1.25rem; }
button, .button {
  flex: 1 1 auto; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--accent); border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer;
}
button.second, .button.second { background: none; color: var(--accent); font-weight: 400; }
button:hover, .button:hover { filter: brightness(1.08); }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
.hint { margin: -.125rem 0 .375rem; color: var(--quiet); font-size: .9375rem; }
input, select, textarea {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--quiet); border-radius: .5rem;
  background: var(--paper); color: inherit; font: inherit;
}
textarea { display: block; resize: vertical; }
textarea.mail { font: .9375rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
input[aria-invalid] { border: 2px solid var(--warn); }
.field { margin-bottom: 1rem; }
.trap { position: absolute; left: -100vw; width: 1px; height: 1px; overflow: hidden; }
.lists, .mails { list-style: none; padding: 0; }
.lists li, .mails li { padding: .875rem 0; border-top: 1px solid var(--line); }
.lists li:first-child, .mails li:first-child { border-top: 0; padding-top: .25rem; }
.lists li:last-child, .mails li:last-child { padding-bottom: 0; }
.lists a, .mails a { font-weight: 600; }
.lists p, .mails p { margin: .125rem 0 0; }
dt { color: var(--quiet); font-size: .9375rem; }
dd { margin: 0 0 .625rem; }
pre { white-space: pre-wrap; font: .9375rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
code { font: .9375rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
details pre { font-size: .8125rem; }
/* What people wrote runs the way its letters do, line by line, whatever is around it. */
h1, dd, pre, textarea, .text, .lists a, .mails a { unicode-bidi: plaintext; }
pre.mail { border-top: 1px solid var(--line); padding-top: 1rem; }
time { white-space: nowrap; }
summary { cursor: pointer; margin-bottom: .5rem; }
@media (min-width: 36rem) {
  body { padding: 2rem 1.5rem; }
  main { padding: 2rem; }
  button, .button { flex: 0 1 auto; }
}
@media (min-width: 60rem) { body.wide > * { max-width: 52rem; } }
`;

export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5f4a"/><path d="M7 10h18v12H7z M7 10l9 7 9-7" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/></svg>';

/** Changes with every change of the text, so that browsers may keep it for ever. */
export const stylesheetName = `${createHash('sha256').update(stylesheet).digest('hex').slice(0, 12)}.css`;
