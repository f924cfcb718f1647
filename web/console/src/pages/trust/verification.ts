/** Verifying what was dropped, file by file: signature read, fingerprint computed, judged; and judged again when a printed publication is entered. */
import {
  describe,
  KeylessError,
  type KeylessSignature,
  readPublicationString,
  readSignature,
  type SignatureAccount,
} from '@jingwei/keyless';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { fingerprintOf } from './hashing.ts';
import { type Judgement, judge } from './judge.ts';
import { type Pair, paired } from './pairing.ts';
import { extendedWith, extenderFor, publicationsQuery } from './service.ts';

/** One file, one signature, or both, and how far their verification is. */
export interface Row {
  key: number;
  pair: Pair<File>;
  /** Bytes of the file hashed so far. */
  bytes: number;
  read?: KeylessSignature;
  account?: SignatureAccount;
  hash?: Uint8Array;
  judgement?: Judgement;
  /** The signature with a publication in place of the key, where one could be fetched. */
  extended?: Uint8Array;
  error?: unknown;
}

/** A signature is at most 64 KiB: a file beyond that is none and is not read. */
const MOST = 1 << 17;

/** What a printed publication says, or why it cannot be one; undefined while nothing is entered. */
export function publicationIn(text: string): { time: bigint; hash: Uint8Array } | KeylessError | undefined {
  if (text.trim() === '') return undefined;
  try {
    // Line ends and blanks come along when a gazette is copied.
    return readPublicationString(text.replace(/\s+/g, ''));
  } catch (error) {
    if (error instanceof KeylessError) return error;
    throw error;
  }
}

let keys = 0;

/** The rows, and ways to add to them and to empty them. `printed`: a publication entered by hand, as text. */
export function useVerification(printed: string) {
  const client = useQueryClient();
  const [rows, setRows] = useState<Row[]>([]);
  const stop = useRef(new AbortController());
  const given = useRef(printed);
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);
  const change = useCallback((key: number, patch: Partial<Row>) => {
    setRows((all) => all.map((row) => (row.key === key ? { ...row, ...patch } : row)));
  }, []);

  const decide = useCallback(
    async (row: Row) => {
      const { read } = row;
      if (!read) return;
      const publication = publicationIn(given.current);
      // A publication that cannot be read must not be passed over in silence: the field says what is wrong, nothing is decided.
      if (publication instanceof KeylessError) return change(row.key, { judgement: undefined, extended: undefined });
      const file = await client.fetchQuery(publicationsQuery).catch(() => undefined);
      const judgement = await judge(read, {
        ...(row.hash ? { hash: row.hash } : {}),
        ...(file ? { publicationsFile: file } : {}),
        ...(publication ? { userPublication: publication } : {}),
        extender: extenderFor(read),
      });
      const extended = judgement.chain ? extendedWith(read, judgement.chain, file) : undefined;
      change(row.key, { judgement, extended });
    },
    [change, client],
  );

  const work = useCallback(
    async (row: Row) => {
      const { file, signature } = row.pair;
      try {
        if (!signature) return;
        const bytes = new Uint8Array(await signature.slice(0, MOST).arrayBuffer());
        const read = readSignature(bytes);
        const account = describe(read);
        change(row.key, { read, account });
        const hash = file
          ? await fingerprintOf(
              file,
              account.document.algorithm,
              (n) => change(row.key, { bytes: n }),
              stop.current.signal,
            )
          : undefined;
        const ready = { ...row, read, account, ...(hash ? { hash } : {}) };
        change(row.key, { ...(hash ? { hash } : {}) });
        await decide(ready);
      } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') return;
        change(row.key, { error });
      }
    },
    [change, decide],
  );

  const add = useCallback(
    async (files: readonly File[]) => {
      // What still lacks its other half may get it now.
      const waiting = rows.filter((row) => !row.pair.file || !row.pair.signature);
      const loose = waiting.flatMap((row) => [row.pair.file, row.pair.signature].filter((f): f is File => !!f));
      const fresh = paired([...loose, ...files]).map((pair): Row => ({ key: ++keys, pair, bytes: 0 }));
      setRows((all) => [...all.filter((row) => !waiting.some((w) => w.key === row.key)), ...fresh]);
      // One after the other: two hashes at once are no faster, and memory stays small.
      for (const row of fresh) await work(row);
    },
    [rows, work],
  );
  const clear = useCallback(() => {
    stop.current.abort();
    stop.current = new AbortController();
    setRows([]);
  }, []);

  const judged = useRef(rows);
  judged.current = rows;
  useEffect(() => {
    if (given.current === printed) return;
    given.current = printed;
    for (const row of judged.current) {
      if (row.read && (row.hash || !row.pair.file)) void decide(row).catch((error) => change(row.key, { error }));
    }
  }, [printed, decide, change]);
  return { rows, add, clear };
}
