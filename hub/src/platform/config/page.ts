import { describeConfig } from './load.ts';

/** The page docs/configuration.md, made from the schema; a test keeps it true. */
export function configurationPage(): string {
  const rows = describeConfig().map((o) => {
    const shown = o.default === undefined ? '' : `\`${JSON.stringify(o.default)}\``;
    const type = o.type.replaceAll('|', '\\|');
    return `| \`${o.setting}\` | \`${o.env}\` | ${type} | ${shown} | ${o.description} |`;
  });
  return [
    '# 配置 Configuration',
    '',
    'Made from the schema (`hub/src/platform/config/schema.ts`); do not edit. Settings come from `jingwei.yaml` in the',
    'folder of the start (or the file that `--config` or `JINGWEI_CONFIG` names) and from the environment, which wins.',
    'Paths are relative to the folder of the start. A wrong value or an unknown key stops the start, and all faults are',
    'told at once, each with its setting, its place and what was expected.',
    '',
    '| setting | environment | type | default | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '```yaml',
    '# jingwei.yaml',
    'dataFolder: /srv/jingwei',
    'http: { host: 0.0.0.0, port: 8420, publicUrl: https://brain.example.gov.cn, trustProxy: true }',
    'db: { url: postgres://jingwei@db.internal/jingwei }',
    'secrets:',
    '  scjg-db: { kind: database, url: mysql://reader:password@10.0.0.5/scjg }',
    '```',
    '',
  ].join('\n');
}
