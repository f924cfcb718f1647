/** Fingerprints of files, computed on this device beside the page: the file itself goes nowhere. */
import { ApiProblem } from '../../api/client.ts';
import type { HashNews, HashTask } from './hash-worker.ts';

/** The ways to make a fingerprint that are offered. */
export const fingerprints = ['sha256', 'sm3'] as const;
export type Fingerprint = (typeof fingerprints)[number];

/** Ways in which it can fail. */
const faults = {
  unreadable: {
    zh: '读不到这个文件：它可能已被移动、修改或没有读取权限。请重新选择。',
    en: 'The file cannot be read: it may have been moved, changed, or is not yours to read. Choose it again.',
  },
  unavailable: {
    zh: '签名所用的指纹算法在这里无法计算。',
    en: 'The algorithm of this fingerprint cannot be computed here.',
  },
  unexpected: {
    zh: '计算指纹时出现意外错误，请刷新页面后重试。',
    en: 'Computing the fingerprint failed unexpectedly. Load the page again and retry.',
  },
};
const fault = (what: keyof typeof faults) =>
  new ApiProblem({ code: `console.fingerprint-${what}`, status: 0, title: faults[what] });

/**
 * The imprint of a file. `onBytes` hears how much was read; aborting `signal` ends the work at once with an AbortError.
 */
export function fingerprintOf(
  file: Blob,
  algorithm: string,
  onBytes: (bytes: number) => void = () => {},
  signal?: AbortSignal,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
    const stop = () => end(() => reject(new DOMException('hashing was stopped', 'AbortError')));
    const end = (then: () => void) => {
      worker.terminate();
      signal?.removeEventListener('abort', stop);
      then();
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop);
    worker.onmessage = ({ data }: MessageEvent<HashNews>) => {
      if ('bytes' in data) onBytes(data.bytes);
      else if ('imprint' in data) end(() => resolve(data.imprint));
      else end(() => reject(fault(data.failed)));
    };
    worker.onerror = () => end(() => reject(fault('unexpected')));
    worker.postMessage({ file, algorithm } satisfies HashTask);
  });
}

/** Bytes as lower case hexadecimal. */
export const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

/** Base64 as the hub sends it. */
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** Saves bytes as a file of this name. */
export function saveBytes(bytes: Uint8Array, name: string, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
