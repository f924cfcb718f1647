/** Parsing: a text into the elements of an address. */

import { AddressError } from './errors.ts';
import { type Element, LABELS } from './labels.ts';
import { Decoder } from './parse/decode.ts';
import { elementValue } from './values.ts';

let decoder: Decoder | undefined;

/** What `parse` may be told. */
export interface ParseOptions {
  /** Tell how clearly each element wins (default true). Without it parsing is about a third faster and `confidence` is 1. */
  confidence?: boolean;
}

/** The elements of an address in their order. */
export function parse(text: string, options: ParseOptions = {}): Element[] {
  decoder ??= new Decoder();
  const sure = options.confidence === false;
  if (typeof text !== 'string') throw new AddressError('addresses.not-text');
  return decoder.decode(text, !sure).map((piece) => ({
    label: LABELS[piece.label]!,
    text: text.slice(piece.start, piece.end),
    start: piece.start,
    end: piece.end,
    value: elementValue(LABELS[piece.label]!, text.slice(piece.start, piece.end)),
    confidence: sure ? 1 : 1 / (1 + Math.exp(-piece.margin)),
    ...(piece.entry && piece.entry.codes.length > 0 ? { codes: piece.entry.codes } : {}),
  }));
}
