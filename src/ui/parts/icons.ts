/** The page's icons, drawn in place: no font and no request. All are decoration; their buttons carry the name. */

import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

const SHAPES = {
  copy: svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>`,
  check: svg`<path d="M3 8.5l3.2 3L13 4.5"/>`,
  link: svg`<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l.8-.8"/>`,
  qr: svg`<rect x="2.5" y="2.5" width="4" height="4"/><rect x="9.5" y="2.5" width="4" height="4"/><rect x="2.5" y="9.5" width="4" height="4"/><path d="M9.5 9.5h1.5v1.5M13.5 9.5v4h-1.5M9.5 13.5h.01"/>`,
  system: svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor"/>`,
  light: svg`<circle cx="8" cy="8" r="2.8"/><path d="M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1"/>`,
  dark: svg`<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z"/>`,
  help: svg`<path d="M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12.3v.01"/>`,
  pause: svg`<path d="M5.5 3.5v9M10.5 3.5v9"/>`,
  play: svg`<path d="M5 3.5l7 4.5-7 4.5z"/>`,
  clear: svg`<circle cx="8" cy="8" r="5.5"/><path d="M4.2 4.2l7.6 7.6"/>`,
  close: svg`<path d="M4 4l8 8M12 4l-8 8"/>`,
  up: svg`<path d="M8 12.5v-9M4.5 7L8 3.5 11.5 7"/>`,
  down: svg`<path d="M8 3.5v9M4.5 9L8 12.5 11.5 9"/>`,
  closed: svg`<path d="M6 4l4 4-4 4"/>`,
  opened: svg`<path d="M4 6l4 4 4-4"/>`,
  out: svg`<path d="M3.5 8h9M9 4.5L12.5 8 9 11.5"/>`,
  in: svg`<path d="M12.5 8h-9M7 4.5L3.5 8 7 11.5"/>`,
  through: svg`<path d="M2.5 10.5h8.5M8.5 7.5l3 3-3 3M13.5 5.5H5M7.5 2.5l-3 3 3 3"/>`,
  node: svg`<circle cx="8" cy="8" r="2.2"/>`,
  ping: svg`<path d="M2 8h3l1.5-4 3 8L11 8h3"/>`,
  send: svg`<path d="M2.5 13.5l11-5.5-11-5.5v4.3L9 8l-6.5 1.2z"/>`,
  ring: svg`<circle cx="8" cy="8" r="5.5"/><circle cx="8" cy="2.5" r="1.3" fill="currentColor"/><circle cx="12.5" cy="11" r="1.3" fill="currentColor"/>`,
  buckets: svg`<path d="M3 4h10M3 8h7M3 12h4"/>`,
  peers: svg`<circle cx="8" cy="5.5" r="2.5"/><path d="M3 13.5c.6-2.7 2.5-4 5-4s4.4 1.3 5 4"/>`,
  store: svg`<ellipse cx="8" cy="4" rx="5" ry="2"/><path d="M3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"/>`,
  log: svg`<path d="M2.5 4h11M2.5 8h11M2.5 12h7"/>`,
  open: svg`<path d="M9.5 3h3.5v3.5M13 3L7.5 8.5M11.5 9.5v3a.5.5 0 0 1-.5.5H3.5a.5.5 0 0 1-.5-.5V5a.5.5 0 0 1 .5-.5h3"/>`,
} as const satisfies Readonly<Record<string, SVGTemplateResult>>;

export type IconName = keyof typeof SHAPES;

/** One icon, 14 px, in the colour of the text around it. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[name]}</svg>`;
}
