import { describe, expect, it } from 'vitest';
import { VALUE_BYTES } from '../../session/store-values.ts';
import { fileOf, readFile } from './stored-file.ts';

const bytes = Uint8Array.of(1, 2, 3);

describe('files as values', () => {
  it('are read with name and type, up to the size of a record', async () => {
    expect(await readFile(new File([bytes], 'a.bin', { type: 'x/y' }))).toEqual({
      name: 'a.bin',
      type: 'x/y',
      bytes,
    });
    expect(await readFile(new File([new Uint8Array(VALUE_BYTES + 1)], 'big'))).toBeUndefined();
  });

  it('are told from other values', () => {
    expect(fileOf({ name: 'a', type: '', bytes })).toEqual({ name: 'a', type: '', bytes });
    expect(fileOf(bytes)).toEqual({ name: 'value.bin', type: '', bytes });
    for (const value of [undefined, null, 'text', 3, {}, { name: 'a', type: '', bytes: 'no' }])
      expect(fileOf(value)).toBeUndefined();
  });

  it('have names that stay in the folder they are saved to', () => {
    const names = ['../../etc/passwd', 'c:\\x\\y.txt', '\u202egpj.exe', '..', ''];
    expect(names.map((name) => fileOf({ name, type: '', bytes })?.name)).toEqual([
      'passwd',
      'y.txt',
      'gpj.exe',
      'value.bin',
      'value.bin',
    ]);
  });
});
