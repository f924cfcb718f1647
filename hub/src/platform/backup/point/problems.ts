/** What can be wrong with the server's log in the repository and with instants that are asked for, in both languages. */
import { problemKind } from '../../problem.ts';

const k = (code: string, status: number, zh: string, en: string) => problemKind(`backup.point.${code}`, status, zh, en);

export const needsServer = k(
  'store',
  409,
  '按时间点恢复只用于 PostgreSQL 服务器（db.url）：内嵌库请缩短备份间隔，或用 jingwei move 迁到服务器',
  'point in time is for a PostgreSQL server (db.url): with the embedded store back up more often, or move it to a server (jingwei move)',
);
export const needsTools = k(
  'tools',
  409,
  '本机找不到 {tool}：请安装 PostgreSQL {version} 或更新的客户端工具，或用 backup.serverTools 指明其目录',
  '{tool} is not on this machine: install the client tools of PostgreSQL {version} or newer, or name their folder in backup.serverTools',
);
export const oldTools = k(
  'tools-old',
  409,
  '本机的 {tool} 是 {found} 版，服务器是 {version} 版：请安装不低于服务器版本的客户端工具',
  '{tool} of this machine is version {found}, the server is {version}: install client tools that are not older than the server',
);
export const needsRole = k(
  'role',
  409,
  '数据库用户 {role} 没有复制权限：请由数据库管理员执行 ALTER ROLE {role} REPLICATION，或用 backup.serverUrl 给出另一用户',
  'the database user {role} may not replicate: let the administrator of the server run ALTER ROLE {role} REPLICATION, or give another user by backup.serverUrl',
);
export const needsAccess = k(
  'access',
  409,
  '服务器不允许 {role} 建立复制连接：请在 pg_hba.conf 中加一行 host replication {role} <本机地址> scram-sha-256（{message}）',
  'the server admits no replication connection of {role}: add host replication {role} <this machine> scram-sha-256 to its pg_hba.conf ({message})',
);
export const needsLevel = k(
  'level',
  409,
  '服务器的 wal_level 为 {found}，需要 replica：请执行 ALTER SYSTEM SET wal_level = replica 并重启服务器',
  'wal_level of the server is {found}, replica is needed: ALTER SYSTEM SET wal_level = replica and restart it',
);
export const needsSenders = k(
  'senders',
  409,
  '服务器的 {setting} 已用完：请增大后重启服务器（{message}）',
  '{setting} of the server is used up: raise it and restart the server ({message})',
);
export const toolFailed = k('tool', 500, '{tool} 失败：{message}', '{tool} failed: {message}');
export const badInstant = k(
  'instant',
  422,
  '“{at}”不是时刻：请写明时区，如 2026-11-22T10:41:00+08:00',
  '"{at}" is no instant: write it with its zone, like 2026-11-22T10:41:00+08:00',
);
export const noneYet = k(
  'none',
  404,
  '备份库中还没有可以按时间点恢复的数据（要求 {at}）',
  'the repository holds nothing yet by which an instant could be restored ({at} was asked)',
);
export const tooEarly = k(
  'early',
  422,
  '{at} 早于可以恢复的最早时刻 {first}',
  '{at} is before the first instant that can be restored, {first}',
);
export const tooLate = k(
  'late',
  422,
  '{at} 晚于已归档的最后时刻 {last}',
  '{at} is after the last instant that is archived, {last}',
);
export const inGap = k(
  'gap',
  422,
  '{at} 落在缺口中：{from} 至 {to} 之间的日志没有归档，请选择缺口之外的时刻',
  '{at} lies in a gap: the log between {from} and {to} was not archived; choose an instant outside',
);
export const brokenTar = k(
  'stream',
  500,
  '基础备份的数据流不完整：{message}',
  'the stream of the base backup is not whole: {message}',
);
export const serverFolderNotEmpty = k(
  'target-not-empty',
  409,
  '服务器数据目录 {folder} 不是空目录，未作任何改动',
  'the folder {folder} for the server is not empty; nothing was changed',
);
export const noPartBefore = k(
  'no-parts',
  404,
  '{at} 之前没有其他部分（数据湖、文件、日历）的备份，最早的一份在 {first}',
  'there is no backup of the other parts (lake, files, calendar) before {at}; the first is of {first}',
);
