/** What a store of files may be refused with. */
import { problemKind } from '../problem.ts';

export const unknown = problemKind('blobs.unknown', 404, '没有文件 {sha256}', 'there is no file {sha256}');
export const damaged = problemKind(
  'blobs.damaged',
  500,
  '文件 {sha256} 的内容与其地址不符',
  'the content of the file {sha256} does not fit its address',
);
export const noKey = problemKind(
  'blobs.no-cipher',
  500,
  '文件 {sha256} 已加密，但没有密钥',
  'the file {sha256} is encrypted and no key is at hand',
);
