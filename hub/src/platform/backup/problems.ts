/** What can be wrong with backups (备份), in both languages. */
import { problemKind } from '../problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`backup.${code}`, status, zh, en);

export const noRepository = k(
  'repository-missing',
  404,
  '{folder} 不是备份库，请先用 jingwei backup init 建立',
  '{folder} is no backup repository: make one with jingwei backup init',
);
export const repositoryExists = k(
  'repository-exists',
  409,
  '{folder} 已经是备份库，或不是空目录',
  '{folder} is a backup repository already, or not empty',
);
export const nothingToTry = k(
  'nothing-to-try',
  409,
  '{folder} 中还没有备份，无法确认密钥属于它，请先做一次备份',
  '{folder} has no backup yet by which the key could be tried: take one first',
);
export const wrongKey = k('key', 403, '恢复密钥不是这个备份库的密钥', "the recovery key is not this repository's");
export const badRecoveryKey = k(
  'recovery-key',
  422,
  '恢复密钥抄写有误，请核对每一组字符',
  'the recovery key is not written as it was given: check it group by group',
);
export const tooFewShares = k(
  'recovery-shares',
  403,
  '{given} 份分持密钥不能合成恢复密钥：需要同一批中的 {needed} 份',
  '{given} shares do not make the recovery key: {needed} of one set are needed',
);
export const keyMissing = k(
  'key-missing',
  409,
  '本枢纽没有备份库的密钥（{file}）：请用恢复密钥重新登记（jingwei backup enrol）',
  'this hub has no key of the repository ({file}): enrol it again with the recovery key (jingwei backup enrol)',
);
export const damaged = k(
  'damaged',
  500,
  '备份库中的 {what} 已损坏或被改动',
  '{what} in the backup repository is damaged or was changed',
);
export const unknownSnapshot = k('snapshot-unknown', 404, '没有备份 {snapshot}', 'there is no backup {snapshot}');
export const notEmpty = k(
  'target-not-empty',
  409,
  '恢复目录 {folder} 不是空目录，为免覆盖未作任何改动',
  'the folder {folder} to restore to is not empty; nothing was changed',
);
export const changedWhileRead = k(
  'changed',
  500,
  '文件 {file} 在备份时被缩短，这次备份作废，会自动重做',
  'the file {file} became shorter while it was backed up: this backup is void and will be made again',
);
export const notConfigured = k(
  'not-configured',
  409,
  '没有配置备份库（backup.folder）',
  'no backup repository is configured (backup.folder)',
);
export const foreignFormat = k(
  'format',
  422,
  '备份库的格式为 {found}，本程序只认得 {known}',
  'the repository has format {found}; this program knows {known}',
);
export const notFresh = k(
  'target-database',
  409,
  '目标数据库已有数据（经纬的表已存在），未作任何改动：请给一个空库',
  'the target database has tables of a hub already; nothing was changed: give an empty database',
);
export const full = k('full', 507, '备份库所在的磁盘已满', 'the disk of the backup repository is full');
export const io = k('io', 500, '读写备份失败：{message}', 'the backup could not be read or written: {message}');
export const restoreCount = k(
  'restore-size',
  500,
  '恢复出的文件 {file} 为 {found} 字节，应为 {expected} 字节',
  'the restored file {file} has {found} bytes, {expected} were expected',
);
export const rehearsalFailed = k(
  'rehearsal',
  500,
  '备份 {snapshot} 的恢复演练发现 {n} 处问题，第一处：{first}',
  'the rehearsal of backup {snapshot} found {n} faults, the first: {firstEn}',
);
