/** Answers to plain HTTP requests: the page, /healthz and /metrics. WebSocket upgrades are server.ts's business. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageFile, PageFiles } from './page-files.ts';
import { SIGNALING_PATH } from './protocol.ts';

export interface HttpContent {
  readonly page: PageFiles | undefined;
  /** Plain data for /healthz. */
  health(): Promise<Readonly<Record<string, unknown>>>;
  /** Text for /metrics and its content type. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Answers one request. Rejects only when `content` does; the caller answers 500 then. */
export async function handleRequest(
  content: HttpContent,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return sendText(request, response, { status: 405, text: 'Only GET and HEAD.\n' });
  }
  const path = pathOf(request.url ?? '/');
  if (path === undefined) return sendText(request, response, { status: 400, text: 'Malformed address.\n' });
  switch (path) {
    case '/healthz': {
      const text = `${JSON.stringify(await content.health())}\n`;
      return sendText(request, response, {
        status: 200,
        text,
        contentType: 'application/json; charset=utf-8',
      });
    }
    case '/metrics':
      return sendText(request, response, { status: 200, ...(await content.metrics()) });
    case SIGNALING_PATH:
      response.setHeader('Upgrade', 'websocket');
      return sendText(request, response, { status: 426, text: 'This path speaks WebSocket.\n' });
  }
  if (content.page === undefined) {
    return sendText(request, response, {
      status: 404,
      text: 'This server has no page; it only introduces tabs.\n',
    });
  }
  const file = content.page.get(path);
  if (file === undefined) return sendText(request, response, { status: 404, text: 'Not found.\n' });
  return sendFile(request, response, file);
}

/** The path of a request target, decoded; `undefined` when it is malformed. */
function pathOf(target: string): string | undefined {
  try {
    return decodeURIComponent(target.split(/[?#]/u, 1)[0]!);
  } catch {
    return undefined;
  }
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  response.setHeader('Cache-Control', file.cacheControl);
  response.setHeader('ETag', file.etag);
  if (file.gzipped !== undefined) response.setHeader('Vary', 'Accept-Encoding');
  if (isFresh(request.headers['if-none-match'], file.etag)) {
    response.writeHead(304).end();
    return;
  }
  const zip = file.gzipped !== undefined && acceptsGzip(request.headers['accept-encoding']);
  if (zip) response.setHeader('Content-Encoding', 'gzip');
  const body = zip ? file.gzipped : file.body;
  response.writeHead(200, { 'Content-Type': file.contentType, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  {
    status,
    text,
    contentType = 'text/plain; charset=utf-8',
  }: { status: number; text: string; contentType?: string },
): void {
  const body = Buffer.from(text);
  response.setHeader('Cache-Control', 'no-store');
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** `If-None-Match` may list several tags, and a proxy that compressed the answer marks them as weak. */
function isFresh(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  const codings = String(header ?? '').split(',');
  return codings.some(
    (coding) => /^\s*gzip\s*(?:;|$)/u.test(coding) && !/;\s*q=0(?:\.0*)?\s*$/u.test(coding),
  );
}

const SECURITY_HEADERS = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  // The page's own policy stands in index.html; this part only works as a header.
  ['Content-Security-Policy', "frame-ancestors 'none'"],
] as const;
