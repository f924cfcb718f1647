/** What may be wrong when a program meets the data of another version. Each says what is to be done. */
import { problemKind } from '../problem.ts';

export const lakeNewer = problemKind(
  'upgrade.lake-newer',
  500,
  '数据湖的结构为第 {found} 版（由 {version} 写成），本程序只认识到第 {known} 版。请用新版本启动（未完成的升级会自动完成）；要回到旧版本，请从升级前的备份恢复',
  'the lake has form {found} (written by {version}), this program knows forms up to {known}. Start the newer version (an upgrade that was broken off is completed); to go back, restore a backup from before the upgrade',
);
export const lakeFailed = problemKind(
  'upgrade.lake-failed',
  500,
  '数据湖的结构升级失败，两个库都保持升级前的状态，旧版本仍可启动：{reason}',
  'the lake could not be brought to its new form; both stores are as they were before, the older version can be started: {reason}',
);
export const unfinished = problemKind(
  'upgrade.unfinished',
  500,
  '业务库已升级，数据湖尚未写下（{reason}）。请排除原因（多为磁盘已满）后再次启动本版本，升级会自动完成',
  'the operational store was upgraded, the lake is not written yet ({reason}). Remove the cause (mostly a full disk) and start this version again: the upgrade is then completed',
);
export const noRoom = problemKind(
  'upgrade.no-room',
  507,
  '数据磁盘只剩 {free}，升级至少需要 {needed}。请先腾出空间；数据没有改动，旧版本仍可启动',
  'only {free} are free on the disk of the data, an upgrade needs {needed}. Make room first; nothing was changed, the older version can be started',
);
