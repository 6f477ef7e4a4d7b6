import { describe, expect, it } from 'vitest';
import { geometryTrouble, openingTrouble, troubleOf } from './trouble.ts';

describe('trouble', () => {
  it('comes from an insecure address or a browser without WebRTC', () => {
    expect(troubleOf({ secure: true, webrtc: true, host: 'a' })).toBeUndefined();
    expect(troubleOf({ secure: false, webrtc: false, host: '192.168.0.2:8080' })).toMatchObject({
      code: 'insecure',
    });
    expect(troubleOf({ secure: false, webrtc: true, host: '192.168.0.2:8080' })?.text).toContain(
      '192.168.0.2:8080',
    );
    expect(troubleOf({ secure: true, webrtc: false, host: 'a' })).toMatchObject({ code: 'no-webrtc' });
    expect(openingTrouble('Why.').text).toBe('Why.');
  });

  it('comes from a room that runs on another geometry, and leads on to it', () => {
    const way = { network: 'chord', href: '#room=demo&geometry=chord' } as const;
    expect(geometryTrouble('demo', 'kademlia', way)).toMatchObject({
      code: 'geometry',
      title: 'This network runs on Chord',
      way: { text: 'Join with Chord', href: way.href },
    });
    expect(geometryTrouble('demo', 'kademlia', way).text).toContain('“demo” run on Chord');
  });
});
