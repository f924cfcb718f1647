/** 参数版本: what each version learned and would do, put in force by a steward; charts of the one that is looked at. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button, Popconfirm } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { signed, small, useLevels, useRules } from './shared.tsx';

type Version = Answer<'/api/v1/linkage/{library}/versions'>['items'][number];
type Detail = Answer<'/api/v1/linkage/{library}/versions/{version}'>;

export default function Versions() {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const { library } = useParams({ strict: false }) as { library: string };
  const url = useUrlState();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['linkage', library, 'versions'],
    queryFn: ({ signal }) => api.get('/api/v1/linkage/{library}/versions', { params: { library }, signal }),
  });
  const learn = useMutation({
    mutationFn: () => api.post('/api/v1/linkage/{library}/learn', { params: { library } }),
    onSuccess: () => {
      message.success(t('linkage.learn-asked'));
      setTimeout(() => void client.invalidateQueries({ queryKey: ['linkage'] }), 15_000);
    },
  });
  const force = useMutation({
    mutationFn: (version: number) =>
      api.post('/api/v1/linkage/{library}/versions/{version}/in-force', { params: { library, version } }),
    onSuccess: async () => {
      message.success(t('linkage.force-done'));
      await client.invalidateQueries({ queryKey: ['linkage'] });
    },
  });
  const standing = query.data?.items.find((v) => v.state === 'in-force');
  const chosen = url.number('version', standing?.version ?? query.data?.items[0]?.version ?? 0);
  return (
    <Page
      title={t('titles.linkage-versions')}
      lead={t('linkage.versions-lead')}
      back={{ to: '/linkage', label: t('titles.linkage') }}
      actions={
        <Button loading={learn.isPending} onClick={() => learn.mutate()}>
          {t('linkage.learn')}
        </Button>
      }
    >
      <div className="stack">
        {learn.isError ? <Failure error={learn.error} /> : null}
        {force.isError ? <Failure error={force.error} /> : null}
        <Loaded query={query}>
          {(data) =>
            data.items.length === 0 ? (
              <div className="panel">
                <Empty title={t('linkage.no-version')}>{t('linkage.no-version-text')}</Empty>
              </div>
            ) : (
              <Panel title={t('titles.linkage-versions')} flush>
                <DataTable
                  caption={t('titles.linkage-versions')}
                  rows={data.items}
                  rowKey={(v) => v.version}
                  chosen={(v) => v.version === chosen}
                  columns={[
                    {
                      key: 'version',
                      title: t('linkage.version'),
                      head: true,
                      render: (v) => (
                        <Button type="link" size="small" onClick={() => url.set({ version: v.version })}>
                          {v.version}
                        </Button>
                      ),
                    },
                    {
                      key: 'state',
                      title: t('exchange.state'),
                      render: (v) => (
                        <Label tone={v.state === 'in-force' ? 'good' : v.state === 'proposed' ? 'warn' : undefined}>
                          {t(`linkage.version-state.${v.state}`)}
                        </Label>
                      ),
                    },
                    { key: 'made', title: t('linkage.made'), render: (v) => <Instant at={v.madeAt} /> },
                    {
                      key: 'known',
                      title: t('linkage.learned-from'),
                      align: 'end',
                      render: (v) => `${full(v.known)} / ${full(v.rows)}`,
                    },
                    { key: 'labels', title: t('linkage.labels'), align: 'end', render: (v) => full(v.labels) },
                    {
                      key: 'precision',
                      title: t('linkage.precision'),
                      align: 'end',
                      render: (v) => <Changed v={v} of="precision" standing={standing} digits={3} />,
                    },
                    {
                      key: 'recall',
                      title: t('linkage.recall'),
                      align: 'end',
                      render: (v) => <Changed v={v} of="recall" standing={standing} digits={2} />,
                    },
                    {
                      key: 'agreeing',
                      title: t('linkage.agreeing'),
                      align: 'end',
                      render: (v) =>
                        v.measure.labels === 0 ? '—' : `${full(v.measure.agreeing)} / ${full(v.measure.labels)}`,
                    },
                    {
                      key: 'act',
                      title: t('linkage.act'),
                      tight: true,
                      render: (v) =>
                        v.state === 'in-force' ? (
                          <Instant at={v.inForceAt} only="day" />
                        ) : (
                          <Popconfirm
                            title={t('linkage.force-ask', { n: v.version })}
                            onConfirm={() => force.mutate(v.version)}
                          >
                            <Button size="small" loading={force.isPending}>
                              {t('linkage.force')}
                            </Button>
                          </Popconfirm>
                        ),
                    },
                  ]}
                />
              </Panel>
            )
          }
        </Loaded>
        <p className="small quiet">{t('linkage.measure-note')}</p>
        {chosen > 0 ? <Charts library={library} version={chosen} /> : null}
      </div>
    </Page>
  );
}

/** A share, with its change against the version in force. */
function Changed({
  v,
  of,
  standing,
  digits,
}: {
  v: Version;
  of: 'precision' | 'recall';
  standing: Version | undefined;
  digits: number;
}) {
  const value = v.measure[of];
  if (value === null) return '—';
  const before = v.version === standing?.version ? null : (standing?.measure[of] ?? null);
  const change = before === null ? 0 : (value - before) * 100;
  return (
    <span>
      {percent(value, digits)}
      {before === null || Math.abs(change) < 0.0005 ? null : (
        <span className={change >= 0 ? 'good-text small' : 'warn-text small'}>
          {' '}
          {change >= 0 ? '+' : '−'}
          {Math.abs(change).toFixed(digits)}
        </span>
      )}
    </span>
  );
}

function Charts({ library, version }: { library: string; version: number }) {
  const { t, say } = useSpeech();
  const level = useLevels();
  const ruleOf = useRules();
  const query = useQuery({
    queryKey: ['linkage', library, 'version', version],
    queryFn: ({ signal }) =>
      api.get('/api/v1/linkage/{library}/versions/{version}', { params: { library, version }, signal }),
  });
  return (
    <Loaded query={query}>
      {(data) => (
        <div className="stack">
          <Panel title={t('linkage.blocking', { n: version })} flush>
            <DataTable
              caption={t('linkage.blocking', { n: version })}
              rows={data.blocking}
              rowKey={(b) => b.rule}
              columns={[
                {
                  key: 'rule',
                  title: t('linkage.rule'),
                  head: true,
                  render: (b) =>
                    b.rule
                      ? ruleOf(b.rule, new Map(data.levels.map((l) => [l.comparison, l.title])))
                      : t('linkage.all-rules'),
                },
                { key: 'pairs', title: t('linkage.pairs'), align: 'end', render: (b) => full(b.pairs) },
                { key: 'matches', title: t('linkage.matches'), align: 'end', render: (b) => full(b.matches) },
                {
                  key: 'share',
                  title: t('linkage.completeness'),
                  render: (b) => <Meter value={data.rows > 0 ? b.matches / data.rows : 0} tone="var(--jw-primary)" />,
                },
              ]}
            />
          </Panel>
          {groups(data).map(([name, levels]) => (
            <Panel key={name} title={t('linkage.levels', { name: say(levels[0]!.title) })} flush>
              <DataTable
                caption={t('linkage.levels', { name: say(levels[0]!.title) })}
                rows={levels}
                rowKey={(l) => l.level}
                columns={[
                  { key: 'level', title: t('linkage.level-title'), head: true, render: (l) => level(l.level) },
                  { key: 'm', title: t('linkage.m'), render: (l) => <Meter value={l.m} tone="var(--jw-good)" /> },
                  { key: 'u', title: t('linkage.u'), render: (l) => <Meter value={l.u} tone="var(--jw-weft)" /> },
                  { key: 'bits', title: t('linkage.weight'), align: 'end', render: (l) => signed(l.bits) },
                ]}
              />
            </Panel>
          ))}
        </div>
      )}
    </Loaded>
  );
}

function groups(data: Detail): [string, Detail['levels']][] {
  const by = new Map<string, Detail['levels']>();
  for (const l of data.levels) by.set(l.comparison, [...(by.get(l.comparison) ?? []), l]);
  return [...by];
}

/** A share as a bar with its figure; very small ones are written as powers of ten. */
function Meter({ value, tone }: { value: number; tone: string }) {
  const text = small(value);
  return (
    <span className="linkage-meter">
      <span className="bar" aria-hidden="true">
        <span style={{ width: `${Math.min(1, value) * 100}%`, background: tone }} />
      </span>
      <span className="num">{text}</span>
    </span>
  );
}
