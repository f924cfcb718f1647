/** What may be wrong with files, servers and trust that a keyless command is given. */
import { problemKind } from '@jingwei/hub/light';

export const noFile = problemKind('cli.keyless.no-file', 404, '没有文件 {file}', 'there is no file {file}');
export const notAFile = problemKind('cli.keyless.not-a-file', 400, '{file} 不是文件', '{file} is not a file');
export const unreadable = problemKind(
  'cli.keyless.unreadable',
  403,
  '无法读取 {file}（{why}）',
  '{file} cannot be read ({why})',
);
export const emptyFile = problemKind('cli.keyless.empty', 400, '文件 {file} 是空的', 'the file {file} is empty');
export const tooLarge = problemKind(
  'cli.keyless.too-large',
  413,
  '{file} 过大：最多 {most} 字节',
  '{file} is too large: {most} bytes at most',
);
export const changed = problemKind(
  'cli.keyless.changed',
  409,
  '文件 {file} 在读取时被改动，未签名',
  'the file {file} was changed while it was read: nothing was signed',
);
export const exists = problemKind(
  'cli.keyless.exists',
  409,
  '{file} 已存在，未覆盖（需要时用 --force）',
  '{file} exists and was left as it is (--force replaces it)',
);
export const sameTarget = problemKind(
  'cli.keyless.same-target',
  400,
  '有两个文件的签名都要写到 {file}',
  'the signatures of two files would both be written to {file}',
);
export const unwritable = problemKind(
  'cli.keyless.unwritable',
  400,
  '无法写入 {file}（{why}）',
  '{file} cannot be written ({why})',
);
export const unknownAlgorithm = problemKind(
  'cli.keyless.algorithm',
  400,
  '不认识的哈希算法 {name}，可用：{known}',
  'an unknown hash algorithm {name}; known are {known}',
);
export const noServer = problemKind(
  'cli.keyless.no-server',
  400,
  '没有服务器：请用 {option} 给出地址（本机没有运行中的枢纽）',
  'no server: name one by {option} (no hub runs on the data folder)',
);
export const notAnAddress = problemKind(
  'cli.keyless.address',
  400,
  '不是地址：{url}',
  'not an address (http://…): {url}',
);
export const noLogin = problemKind(
  'cli.keyless.no-login',
  400,
  '签名服务需要登录名和密钥：--login 与 --key-file，或环境变量 JINGWEI_CLI_KEYLESS_LOGIN 与 JINGWEI_CLI_KEYLESS_KEY',
  'a signing service needs login and key: --login and --key-file, or the variables JINGWEI_CLI_KEYLESS_LOGIN and JINGWEI_CLI_KEYLESS_KEY',
);
export const unreachable = problemKind(
  'cli.keyless.unreachable',
  502,
  '{url} 没有应答：{why}',
  '{url} does not answer: {why}',
);
export const noRoot = problemKind(
  'cli.keyless.no-root',
  400,
  '公开值文件须有受信任的根证书才能采信：请用 --root 给出（PEM）',
  'a publications file is believed only from a trusted root: name its certificate by --root (PEM)',
);
export const noPublications = problemKind(
  'cli.keyless.no-publications',
  400,
  '没有公开值文件：请用 {option} 给出文件或地址',
  'no publications file: name a file or an address by {option}',
);
export const badTime = problemKind(
  'cli.keyless.time',
  400,
  '不是时间：{text}（Unix 秒或 2026-11-21T08:00:00Z）',
  'not a time: {text} (Unix seconds, or 2026-11-21T08:00:00Z)',
);
export const noneAfter = problemKind(
  'cli.keyless.no-publication',
  404,
  '{at} 之后还没有公开值',
  'there is no publication at or after {at} yet',
);
export const unknownKind = problemKind(
  'cli.keyless.unknown-kind',
  400,
  '{file} 不是签名、公开值文件，也不是协议消息',
  '{file} is no signature, no publications file and no message of the protocols',
);
