/** `<hop-ring>`: the key space as a circle, with this tab, whom it knows, its links and the way of the chosen message. */

import { LitElement, html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Id, Snapshot } from '../../session/api.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { shortId } from '../format/ids.ts';
import { retryText } from '../format/retries.ts';
import { formatMs, plural } from '../format/units.ts';
import { isLinked, type NodeView } from '../model/peers.ts';
import { icon } from '../parts/icons.ts';
import { cameThrough } from '../log/message-path.ts';
import { pathList } from '../parts/path-list.ts';
import { chordPath, placeNodes, pointAt, RADIUS, turnOf, type Place, type Point } from './layout.ts';
import { bucketGround, type Ground } from './ground.ts';
import { renderPath, type Dead, type Stop } from './path-drawing.ts';
import { ringStyles } from './hop-ring.styles.ts';

const LANE = 15;
const LABEL_RADIUS = RADIUS + 21;

/** What a dot stands for: a standing, this tab itself, or a node only the chosen path names. */
type Role = NodeView['standing'] | 'self' | 'stranger';

interface Dot extends Place {
  readonly role: Role;
  readonly at: Point;
  readonly node: NodeView | undefined;
}

/**
 * @summary The ring. Arrow keys walk along it, Enter chooses. The table beside it says the same in text.
 */
@customElement('hop-ring')
export class HopRing extends LitElement {
  static override styles = ringStyles;

  @property({ attribute: false }) store!: SessionStore;
  /** What the geometry adds to the drawing; on a ring it comes a moment later than the rest. */
  @property({ attribute: false }) ground: Ground | undefined = bucketGround;
  /** The dot the Tab key reaches. */
  @state() private current: Id | undefined;
  protected readonly session = new SessionController(this, ['snapshot', 'selection']);

  override render(): TemplateResult {
    const snapshot = this.store.snapshot;
    return html`<div class="head">
        <h2
          id="title"
          tabindex="-1"
          title="All ids lie on one circle, from 0 at the top clockwise; a node stands where its id is"
        >
          Ring
        </h2>
        <span class="spring"></span>
        ${
          this.store.selection.path === undefined
            ? nothing
            : html`<button type="button" class="plain" @click=${() => this.store.selectMessage(undefined)}>
                ${icon('close')}Clear path
              </button>`
        }
      </div>
      <div class="body">
        ${snapshot === undefined ? nothing : this.renderRing(snapshot)}
        ${snapshot === undefined ? nothing : this.renderBelow(snapshot)}
      </div>`;
  }

  private renderRing(snapshot: Snapshot): TemplateResult {
    const dots = this.dots(snapshot);
    const stops = this.stops(dots);
    const current = dots.some((dot) => dot.id === this.current) ? this.current : snapshot.id;
    const linked = this.store.nodes.filter(isLinked).length;
    const summary =
      `Ring of the key space: this tab and ${plural(dots.length - 1, 'other node')}, ${linked} linked. ` +
      `The ${snapshot.geometry === 'chord' ? 'routing' : 'buckets'} table lists the same nodes.`;
    return html`<svg
      class="ring"
      data-testid="ring"
      viewBox="-190 -172 380 344"
      role="group"
      aria-label=${summary}
      @keydown=${(event: KeyboardEvent) => this.onKey(event, dots)}
    >
      ${this.renderGround(snapshot)} ${this.renderLinks(dots, snapshot.id)}
      ${repeat(
        dots,
        (dot) => dot.id,
        (dot) => this.renderDot(dot, current),
      )}
      ${renderPath(stops, this.deadEnds(dots))} ${this.renderKey()}
    </svg>`;
  }

  /** The circle, its scale and what the geometry cuts it into: decoration behind the nodes. */
  private renderGround(snapshot: Snapshot): SVGTemplateResult {
    const ticks = Array.from({ length: 16 }, (_, index) => index / 16);
    return svg`<g class="ground" aria-hidden="true">
      <circle r=${RADIUS} class="circle"></circle>
      ${ticks.map((turn) => {
        const from = pointAt(turn, RADIUS - 4);
        const to = pointAt(turn, RADIUS);
        return svg`<line x1=${from.x} y1=${from.y} x2=${to.x} y2=${to.y}></line>`;
      })}
      ${[0, 4, 8, 12].map((digit) => {
        const at = pointAt(digit / 16, RADIUS - 14);
        return svg`<text x=${at.x} y=${at.y + 3.5} text-anchor="middle">${digit.toString(16)}</text>`;
      })}
      ${this.ground?.draw(
        snapshot,
        this.store.nodes.find((node) => node.id === this.store.selection.node),
      )}
    </g>`;
  }

  private renderLinks(dots: readonly Dot[], self: Id): SVGTemplateResult {
    const own = dots.find((dot) => dot.id === self);
    const faded = this.store.selection.path !== undefined;
    return svg`<g class="links ${faded ? 'faded' : ''}" aria-hidden="true">
      ${dots
        .filter((dot) => own !== undefined && dot.node?.link !== undefined)
        .map(
          (dot) => svg`<path
            class="${dot.role} ${dot.id === this.store.selection.node ? 'chosen' : ''}"
            d=${own === undefined ? '' : chordPath(own.at, dot.at, 0.25)}></path>`,
        )}
    </g>`;
  }

  private renderDot(dot: Dot, current: Id | undefined): SVGTemplateResult {
    const chosen = dot.id === this.store.selection.node;
    const label = pointAt(dot.turn, LABEL_RADIUS);
    const side = Math.sin(dot.turn * 2 * Math.PI);
    const anchor = side > 0.25 ? 'start' : side < -0.25 ? 'end' : 'middle';
    return svg`<g
      class="node ${dot.role} ${chosen ? 'chosen' : ''}"
      role="button"
      tabindex=${dot.id === current ? 0 : -1}
      data-testid="ring-node"
      data-id=${dot.id}
      data-role=${dot.role}
      aria-pressed=${chosen}
      aria-label=${this.describe(dot)}
      @click=${() => this.choose(dot.id)}
      @focus=${() => (this.current = dot.id)}
    >
      <title>${dot.id} ${this.describe(dot)}</title>
      <circle class="hit" cx=${dot.at.x} cy=${dot.at.y} r="12"></circle>
      ${shapeOf(dot.role, dot.at)}
      ${
        dot.labelled || chosen
          ? svg`<text class="label" x=${label.x} y=${label.y + 4 + Math.cos(dot.turn * 2 * Math.PI) * -3} text-anchor=${anchor}>${
              dot.role === 'self' ? 'self' : dot.id.slice(0, 4)
            }</text>`
          : nothing
      }
    </g>`;
  }

  /** The key a chosen message was sent to, where it is not a node itself. */
  private renderKey(): SVGTemplateResult | typeof nothing {
    const path = this.store.selection.path;
    if (path?.target === undefined || path.stops.some((stop) => stop.id === path.target)) return nothing;
    const at = pointAt(turnOf(path.target), RADIUS);
    return svg`<g class="key" aria-hidden="true"><title>The key: ${path.target}</title>
      <path d="M${at.x} ${at.y - 7}l7 7l-7 7l-7 -7z"></path></g>`;
  }

  private renderBelow(snapshot: Snapshot): TemplateResult {
    const path = this.store.selection.path;
    if (path !== undefined) {
      return html`<div class="below">
        <h3>
          ${path.isLookup ? 'Nodes asked by the lookup' : path.whole ? 'Way of the message' : 'Way of the message, as far as this tab saw it'}
        </h3>
        ${pathList(path, 'path-hop', this.store)}
      </div>`;
    }
    if (this.store.nodes.length === 0) return this.renderEmpty(snapshot);
    return html`<ul class="legend" aria-label="Legend">
      ${LEGEND.map(
        ([role, text]) =>
          html`<li>
            <svg viewBox="-9 -9 18 18" aria-hidden="true">
              <g class="node ${role}">${shapeOf(role, { x: 0, y: 0 })}</g>
            </svg>
            ${text}
          </li>`,
      )}
      ${this.ground?.legend.map(
        ({ sign, text, note }) =>
          html`<li title=${note}><svg viewBox="-9 -9 18 18" aria-hidden="true">${sign}</svg>${text}</li>`,
      )}
    </ul>`;
  }

  private renderEmpty(snapshot: Snapshot): TemplateResult {
    if (snapshot.state === 'joining')
      return html`<p class="below muted">Looking for others in this room…</p>`;
    return html`<div class="below teach" data-testid="empty">
      <h3>No other tab yet</h3>
      <p>Open this link in another tab, browser or device.</p>
      <div class="row">
        <a class="button" href=${location.href} target="_blank" rel="noopener"
          >${icon('open')}Open another tab</a
        >
        <hop-copy wide label="Copy link" .text=${location.href}></hop-copy>
        <button
          type="button"
          @click=${() => this.dispatchEvent(new CustomEvent('hop-share', { bubbles: true, composed: true }))}
        >
          ${icon('qr')}QR code
        </button>
      </div>
    </div>`;
  }

  private dots(snapshot: Snapshot): readonly Dot[] {
    const nodes = new Map(this.store.nodes.map((node) => [node.id, node]));
    const linked = this.store.nodes.filter(isLinked).map((node) => node.id);
    const ids = new Set<Id>([snapshot.id, ...linked, ...nodes.keys()]);
    for (const stop of this.store.selection.path?.stops ?? []) ids.add(stop.id);
    for (const tried of this.store.selection.path?.tries ?? []) ids.add(tried.failedHop);
    return placeNodes([...ids], { apart: 0.017, labelApart: 0.024 }).map((place) => {
      const node = nodes.get(place.id);
      const role: Role = place.id === snapshot.id ? 'self' : (node?.standing ?? 'stranger');
      return { ...place, role, node, at: pointAt(place.turn, RADIUS - place.lane * LANE) };
    });
  }

  private stops(dots: readonly Dot[]): readonly Stop[] {
    const at = new Map(dots.map((dot) => [dot.id, dot.at]));
    return (this.store.selection.path?.stops ?? []).map((stop) => ({
      ...stop,
      at: at.get(stop.id) ?? { x: 0, y: 0 },
      start: stop.from === undefined ? undefined : at.get(stop.from),
    }));
  }

  /** Each way tried in vain, once, with its latest reason; not one that the message took in the end. */
  private deadEnds(dots: readonly Dot[]): readonly Dead[] {
    const path = this.store.selection.path;
    if (path === undefined) return [];
    const at = new Map(dots.map((dot) => [dot.id, dot.at]));
    const latest = new Map(path.tries.map((tried) => [tried.failedHop, tried]));
    return [...latest.values()].flatMap((tried) => {
      if (cameThrough(path, tried)) return [];
      const [from, to] = [at.get(tried.by), at.get(tried.failedHop)];
      if (from === undefined || to === undefined) return [];
      const note = `Tried in vain, ${shortId(tried.failedHop)}: ${retryText(tried.reason).word}`;
      return [{ id: tried.failedHop, note, from, to }];
    });
  }

  private describe(dot: Dot): string {
    const rtt = dot.node?.link?.rttMs === undefined ? '' : `, round trip ${formatMs(dot.node.link.rttMs)} ms`;
    const { snapshot } = this.store;
    const place =
      dot.node === undefined || snapshot === undefined ? undefined : this.ground?.placeOf(dot.node, snapshot);
    const where = place === undefined ? '' : `, ${place}`;
    return `${dot.role === 'self' ? 'this tab, ' : ''}${shortId(dot.id)}, ${ROLE_WORDS[dot.role]}${where}${rtt}`;
  }

  private choose(id: Id): void {
    this.store.selectNode(this.store.selection.node === id ? undefined : id);
  }

  /** Along the ring with the arrow keys: one stop for Tab, however many nodes there are. */
  private onKey(event: KeyboardEvent, dots: readonly Dot[]): void {
    const at = dots.findIndex((dot) => dot.id === (this.current ?? this.store.snapshot?.id));
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    let next: Dot | undefined;
    if (step !== undefined) next = dots[(at + step + dots.length) % dots.length];
    else if (event.key === 'Home') next = dots[0];
    else if (event.key === 'End') next = dots.at(-1);
    else if ((event.key === 'Enter' || event.key === ' ') && dots[at] !== undefined) this.choose(dots[at].id);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (next !== undefined) {
      this.renderRoot
        .querySelector<SVGGElement>(`[data-testid="ring-node"][data-id="${CSS.escape(next.id)}"]`)
        ?.focus();
    }
  }
}

/** Each role has its own shape, so that colour is never the only sign. */
function shapeOf(role: Role, at: Point): SVGTemplateResult {
  const { x, y } = at;
  switch (role) {
    case 'self':
      return svg`<circle class="shape" cx=${x} cy=${y} r="7.5"></circle><circle class="core" cx=${x} cy=${y} r="3"></circle>`;
    case 'candidate':
      return svg`<circle class="shape" cx=${x} cy=${y} r="2.8"></circle>`;
    case 'stranger':
      return svg`<rect class="shape" x=${x - 4.5} y=${y - 4.5} width="9" height="9" rx="1"></rect>`;
    default:
      return svg`<circle class="shape" cx=${x} cy=${y} r="5.5"></circle>`;
  }
}

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  self: 'this tab',
  linked: 'linked',
  suspect: 'linked, not answering',
  linking: 'link being set up',
  contact: 'known, not linked',
  candidate: 'known, waiting for a place',
  stranger: 'on the way of the message, not known here',
};

const LEGEND: readonly (readonly [Role, string])[] = [
  ['self', 'self, this tab'],
  ['linked', 'linked'],
  ['contact', 'known'],
  ['linking', 'linking'],
  ['suspect', 'silent'],
];
