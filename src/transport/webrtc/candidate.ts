/**
 * ICE candidates as values: only what a data channel between browsers can use (UDP, component 1), every field checked.
 * Text form after RFC 8839 §5.1. Rules SC1-SC3.
 */

export type CandidateKind = 'host' | 'srflx' | 'prflx' | 'relay';

/** An address that a candidate may carry. */
export type CandidateAddress =
  | { readonly family: 'ipv4'; readonly bytes: Uint8Array }
  | { readonly family: 'ipv6'; readonly bytes: Uint8Array }
  /** A name that hides a local address: 16 random bytes, written as `<uuid>.local`. */
  | { readonly family: 'mdns'; readonly bytes: Uint8Array };

export interface Candidate {
  readonly kind: CandidateKind;
  /** 1 … 2^32 - 1. */
  readonly priority: number;
  readonly port: number;
  readonly address: CandidateAddress;
}

/** Reads a browser's candidate line, with or without `a=`; `undefined` for one we do not pass on. */
export function parseCandidate(line: string): Candidate | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, priorityText, addressText, portText, kind] = match as unknown as string[];
  const priority = Number(priorityText);
  const port = Number(portText);
  const address = parseAddress(addressText!);
  if (address === undefined || !isPriority(priority) || !isPort(port)) return undefined;
  return { kind: kind as CandidateKind, priority, port, address };
}

/**
 * Writes the line that a browser reads, without `a=`. The foundation only groups candidates; `index` makes each its own.
 */
export function formatCandidate(candidate: Candidate, index: number): string {
  const { kind, priority, port, address } = candidate;
  const related = kind === 'host' ? '' : ' raddr 0.0.0.0 rport 0';
  return `candidate:${index + 1} 1 udp ${priority} ${formatAddress(address)} ${port} typ ${kind}${related}`;
}

/** True for a priority that RFC 8445 §5.1.2 allows in 32 bits. */
export function isPriority(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 0xffff_ffff;
}

/** True for a UDP port one can send to. */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 0xffff;
}

const LINE =
  /^(?:a=)?candidate:[\w+/]{1,32} 1 udp (\d{1,10}) ([\w.:-]{2,64}) (\d{1,5}) typ (host|srflx|prflx|relay)\b/i;
const MDNS = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\.local$/i;

function parseAddress(text: string): CandidateAddress | undefined {
  const name = MDNS.exec(text);
  if (name !== null) {
    const hex = name.slice(1).join('');
    return {
      family: 'mdns',
      bytes: Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)),
    };
  }
  if (text.includes(':')) return parseIpv6(text);
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  return { family: 'ipv4', bytes: Uint8Array.from(parts, Number) };
}

/** Groups of hexadecimal digits with at most one `::`. Browsers give no other form. */
function parseIpv6(text: string): CandidateAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [
    ...head!,
    ...Array.from({ length: tail === undefined ? 0 : missing }, () => '0'),
    ...(tail ?? []),
  ];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const bytes = new Uint8Array(16);
  groups.forEach((group, i) => new DataView(bytes.buffer).setUint16(2 * i, Number.parseInt(group, 16)));
  return { family: 'ipv6', bytes };
}

function formatAddress(address: CandidateAddress): string {
  const { family, bytes } = address;
  if (family === 'ipv4') return bytes.join('.');
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (family === 'mdns') return `${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}.local`;
  return hex.match(/.{4}/g)!.join(':');
}
