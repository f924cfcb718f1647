/** What can be wrong with the hub's own TLS. */
import { problemKind } from '../../problem.ts';

export const noFile = problemKind('tls.no-file', 500, '读不到 TLS 文件 {path}', 'the TLS file {path} cannot be read');
export const keyExposed = problemKind(
  'tls.key-exposed',
  500,
  'TLS 私钥 {path} 的权限为 {mode}，他人可读：请改为 600，并考虑更换私钥',
  'the TLS key {path} has mode {mode}, others can read it: set 600 and consider a new key',
);
export const keyForeign = problemKind(
  'tls.key-foreign',
  500,
  'TLS 私钥 {path} 不属于运行本程序的用户（或 root），或不是普通文件',
  'the TLS key {path} belongs neither to the user who runs the hub nor to root, or is no plain file',
);
export const notCertificate = problemKind(
  'tls.not-certificate',
  500,
  '{path} 不是 PEM 格式的证书',
  '{path} is no certificate in PEM',
);
export const notKey = problemKind(
  'tls.not-key',
  500,
  '{path} 不是 PEM 格式的私钥（不得加密）',
  '{path} is no private key in PEM (unencrypted)',
);
export const mismatch = problemKind(
  'tls.mismatch',
  500,
  '私钥与证书 {path} 不匹配',
  'the key does not belong to the certificate {path}',
);
export const weakKey = problemKind(
  'tls.weak',
  500,
  '证书 {path} 不能用于 TLS：{reason}',
  'the certificate {path} does not serve TLS: {reason}',
);
export const expired = problemKind(
  'tls.expired',
  500,
  '证书 {path} 已于 {until} 到期',
  'the certificate {path} ended on {until}',
);
export const notYet = problemKind(
  'tls.not-yet',
  500,
  '证书 {path} 自 {from} 起有效，现在尚未生效',
  'the certificate {path} holds from {from} only',
);
export const acmeFailed = problemKind(
  'tls.acme-failed',
  502,
  '自动申请证书失败（{step}）：{reason}',
  'no certificate could be had ({step}): {reason}',
);
