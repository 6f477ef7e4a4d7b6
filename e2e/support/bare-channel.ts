/** A data channel between two pages with nothing of Hopline on it: what its round trips take is what times are held against. */

import type { Page } from '@playwright/test';

/** Round trips of 12 bytes, one after another, ms. */
export async function bareRoundTrips(from: Page, to: Page, samples: number): Promise<number[]> {
  const offer = await from.evaluate(beginOffer);
  const answer = await to.evaluate(answerOffer, offer);
  return from.evaluate(measure, { answer, samples });
}

interface BareWindow {
  bare: { readonly connection: RTCPeerConnection; readonly channel?: RTCDataChannel };
}

/** Runs in the page, as all below. */
async function beginOffer(): Promise<string> {
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('bare');
  (window as unknown as BareWindow).bare = { connection, channel };
  await connection.setLocalDescription();
  await new Promise<void>((resolve) => {
    const look = (): void => void (connection.iceGatheringState === 'complete' && resolve());
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
  return connection.localDescription!.sdp;
}

async function answerOffer(sdp: string): Promise<string> {
  const connection = new RTCPeerConnection();
  (window as unknown as BareWindow).bare = { connection };
  connection.addEventListener('datachannel', ({ channel }) => {
    channel.addEventListener('message', ({ data }) => channel.send(data as ArrayBuffer));
  });
  await connection.setRemoteDescription({ type: 'offer', sdp });
  await connection.setLocalDescription();
  await new Promise<void>((resolve) => {
    const look = (): void => void (connection.iceGatheringState === 'complete' && resolve());
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
  return connection.localDescription!.sdp;
}

async function measure({ answer, samples }: { readonly answer: string; readonly samples: number }) {
  const { connection, channel } = (window as unknown as Required<BareWindow>).bare;
  await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  if (channel!.readyState !== 'open')
    await new Promise((resolve) => {
      channel!.addEventListener('open', resolve, { once: true });
    });
  channel!.binaryType = 'arraybuffer';
  const times: number[] = [];
  for (let i = 0; i < samples; i += 1) {
    const startedAt = performance.now();
    const back = new Promise((resolve) => {
      channel!.addEventListener('message', resolve, { once: true });
    });
    channel!.send(new Uint8Array(12));
    await back;
    times.push(performance.now() - startedAt);
  }
  connection.close();
  return times;
}
