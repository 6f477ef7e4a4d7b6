/**
 * The built page in memory: read once, compressed once, found by exact path. Nothing is looked up on the disk for a
 * request, so no path can lead out of the folder.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface PageFile {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly etag: string;
  readonly body: Buffer;
  /** Present when it is worth it. */
  readonly gzipped?: Buffer;
}

/** Files by URL path, `/` standing for `/index.html`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Reads a folder with everything below it. Rejects when it cannot be read or holds no index.html. */
export async function readPage(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    files.set(path, await toPageFile(path, await readFile(file)));
  }
  const index = files.get('/index.html');
  if (index === undefined) throw new Error(`${join(folder, 'index.html')} does not exist`);
  return files.set('/', index);
}

async function toPageFile(path: string, body: Buffer): Promise<PageFile> {
  const contentType = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';
  // The bundler puts a hash of the content into the names of everything below /assets.
  const isHashed = /^\/assets\/.+-[\w-]{8}\.\w+(?:\.map)?$/u.test(path);
  const file = {
    contentType,
    cacheControl: isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    body,
  };
  if (!/^text|json|javascript|svg|manifest/u.test(contentType) || body.length < GZIP_BYTES_MIN) return file;
  const gzipped = await promisify(gzip)(body, { level: 9 });
  return gzipped.length < body.length ? { ...file, gzipped } : file;
}

/** Below this a compressed answer saves no packet. */
const GZIP_BYTES_MIN = 1024;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
