/**
 * Sentences for the polite status line: only changes of state, only the latest one. The page shows a new one every
 * few seconds at most, so that a screen reader is never flooded.
 */

import type { OverlayEvent, OverlayState, SignalingState } from '../../session/api.ts';

/** Keeps the newest sentence worth saying. */
export class Announcer {
  #sentence = '';

  /** Takes note of an event; most say nothing. */
  onEvent(event: OverlayEvent): void {
    if (event.type === 'state') this.#sentence = STATE_SENTENCES[event.state];
    if (event.type === 'signaling') this.#sentence = SIGNALING_SENTENCES[event.state];
    if (event.type === 'asleep') {
      this.#sentence = `The browser put this tab to sleep for ${Math.round(event.forMs / 1000)} seconds.`;
    }
  }

  /** Says something the page itself did, such as a copy or a result. */
  say(sentence: string): void {
    this.#sentence = sentence;
  }

  get sentence(): string {
    return this.#sentence;
  }
}

const STATE_SENTENCES: Readonly<Record<OverlayState, string>> = {
  idle: 'Not started.',
  joining: 'Joining the network.',
  alone: 'No other tab in this room yet.',
  ready: 'Ready: part of the network.',
  'cut-off': 'Cut off: all links are lost.',
  left: 'Left the network.',
};

const SIGNALING_SENTENCES: Readonly<Record<SignalingState, string>> = {
  offline: 'Signaling server not reachable.',
  connecting: 'Connecting to the signaling server.',
  online: 'Signaling server connected.',
  refused: 'The signaling server refused this tab.',
};
