/** One member of a theme: what is shown of it, why it belongs and by which record, earlier stays, other themes. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { unitText } from '../../format/units.ts';
import { useSpeech } from '../../i18n/index.ts';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Cell } from '../credit/cell.tsx';

export default function ThemeMember() {
  const { t, say, language } = useSpeech();
  const { theme, entity } = useParams({ strict: false }) as { theme: string; entity: string };
  const member = useQuery({
    queryKey: ['themes', theme, 'member', entity],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/themes/{theme}/members/{entity}', {
        params: { theme, entity: Number(entity) },
        signal,
      }),
  });
  const data = member.data;
  const first = data?.current?.values[0];
  return (
    <Page
      title={first ? <Cell cell={first} /> : t('titles.theme-member')}
      lead={data ? say(data.title) : undefined}
      back={{ to: `/themes/${theme}`, label: data ? say(data.title) : t('titles.theme') }}
    >
      {member.isError ? <PurposeNote /> : null}
      <Loaded query={member}>
        {(one) => (
          <div className="stack">
            <PurposeNote />
            <Panel
              title={t('themes.attributes')}
              extra={
                one.library === 'legal-person' ? (
                  <Link to="/credit/enterprises/$entity" params={{ entity } as never}>
                    {t('themes.whole')}
                  </Link>
                ) : (
                  <Link to="/libraries/$library/$entity" params={{ library: one.library, entity } as never}>
                    {t('themes.whole')}
                  </Link>
                )
              }
            >
              {one.current ? (
                <Facts>
                  {one.columns.map((c, i) => (
                    <Fact key={c.name} label={say(c.title)}>
                      <Cell cell={one.current!.values[i]!} />{' '}
                      {c.unit && one.current!.values[i]!.value ? unitText(c.unit, language) : ''}
                    </Fact>
                  ))}
                  <Fact label={t('themes.town')}>{one.current.divisionTitle ?? one.current.division ?? '—'}</Fact>
                </Facts>
              ) : (
                <Empty title={t('themes.left')} />
              )}
            </Panel>
            {one.current ? (
              <Panel title={t('themes.why')}>
                <Facts>
                  <Fact label={t('themes.reason')} wide>
                    {one.current.reason ?? '—'}
                  </Fact>
                  <Fact label={t('themes.since')}>{day(one.current.since)}</Fact>
                  <Fact label={t('themes.record')} wide>
                    {one.record ? (
                      <>
                        {say(one.record.title)} ·{' '}
                        <Link to="/exchange/runs/$run" params={{ run: String(one.record.run) } as never}>
                          {t('themes.run-row', { run: one.record.run, row: one.record.row })}
                        </Link>{' '}
                        <span className="small quiet">{one.record.input}</span>
                      </>
                    ) : (
                      t('themes.by-library')
                    )}
                  </Fact>
                </Facts>
              </Panel>
            ) : null}
            {one.others.length ? (
              <Panel title={t('themes.others')}>
                <p className="row" style={{ gap: 8, flexWrap: 'wrap' }}>
                  {one.others.map((o) => (
                    <Link key={o.id} to="/themes/$theme" params={{ theme: o.id } as never}>
                      <Label tone="info">{say(o.title)}</Label>
                    </Link>
                  ))}
                </p>
              </Panel>
            ) : null}
            {one.stays.length ? (
              <Panel title={t('themes.stays')} flush>
                <DataTable
                  caption={t('themes.stays')}
                  rows={one.stays}
                  rowKey={(s) => s.since}
                  columns={[
                    { key: 'since', title: t('themes.since'), head: true, render: (s) => day(s.since) },
                    { key: 'until', title: t('themes.until'), render: (s) => day(s.until) },
                    { key: 'reason', title: t('themes.reason'), render: (s) => s.reason ?? '—' },
                  ]}
                />
              </Panel>
            ) : null}
          </div>
        )}
      </Loaded>
    </Page>
  );
}
