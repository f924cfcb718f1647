/** Bounds of what is read of others, and what is said when something goes beyond them. */
import { problemKind } from '../../platform/problem.ts';

/** Bounds of one document. */
export interface ReadLimits {
  bytes: number;
  /** Nesting of JSON, or of lists and blank nodes in Turtle. */
  depth: number;
  triples: number;
  /** Characters of one literal or name. */
  term: number;
}
export const readLimits: ReadLimits = { bytes: 32 << 20, depth: 64, triples: 1_000_000, term: 100_000 };

export const notRdf = problemKind(
  'catalogue.dcat.not-rdf',
  422,
  '不是有效的{syntax}：{reason}',
  'Not well-formed {syntax}: {reason}',
);
export const tooLarge = problemKind(
  'catalogue.dcat.too-large',
  413,
  '目录文件超过上限（{limit} 字节）。',
  'The document is larger than {limit} bytes.',
);
export const tooDeep = problemKind(
  'catalogue.dcat.too-deep',
  422,
  '目录文件嵌套超过 {limit} 层。',
  'The document is nested deeper than {limit}.',
);
export const tooMany = problemKind(
  'catalogue.dcat.too-many',
  422,
  '目录文件的三元组超过上限（{limit}）。',
  'The document has more than {limit} triples.',
);
export const tooLong = problemKind(
  'catalogue.dcat.too-long',
  422,
  '目录文件中有超过 {limit} 个字符的值。',
  'The document has a value of more than {limit} characters.',
);
export const remoteContext = problemKind(
  'catalogue.dcat.remote-context',
  422,
  '目录文件引用外部 JSON-LD 上下文（{url}）；本平台不从外部获取上下文，请对方写在文件内。',
  'The document refers to a JSON-LD context elsewhere ({url}); none is fetched: it has to stand in the document.',
);
