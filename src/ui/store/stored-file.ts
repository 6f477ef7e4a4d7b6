/** Files as values: a record of name, type and bytes, so that whoever reads it can save it under its name. */

import { VALUE_BYTES } from '../../session/store-values.ts';

/** A file as it is put. */
export type StoredFile = {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
};

const NAME_CHARACTERS_MAX = 120;

/** Reads a chosen file; `undefined` when it is larger than any record. */
export async function readFile(file: File): Promise<StoredFile | undefined> {
  if (file.size > VALUE_BYTES) return undefined;
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: file.name, type: file.type, bytes };
}

/** The file in a value, for bytes one without a name; `undefined` for other values. */
export function fileOf(value: unknown): StoredFile | undefined {
  if (value instanceof Uint8Array) return { name: 'value.bin', type: '', bytes: value };
  const { name, type, bytes } = (value ?? {}) as Partial<Record<keyof StoredFile, unknown>>;
  if (typeof name !== 'string' || typeof type !== 'string' || !(bytes instanceof Uint8Array))
    return undefined;
  return { name: safeName(name), type, bytes };
}

/** Saves it. Always as plain bytes: what strangers put must not be opened as a page of this origin. */
export function saveFile({ name, bytes }: StoredFile): void {
  const url = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** A name without folders and control characters: it comes from others. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, NAME_CHARACTERS_MAX);
  return clean.replace(/^\.+/, '') === '' ? 'value.bin' : clean;
}
