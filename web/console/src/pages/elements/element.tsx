/** One data element: what it is, where it is used, which fields differ from it. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Differences } from './differences.tsx';
import { formOf, StatusLabel } from './shared.tsx';

type Usage = Answer<'/api/v1/elements/{id}'>['usages'][number];

export default function ElementPage() {
  const { t, say } = useSpeech();
  const { element: id } = useParams({ strict: false }) as { element: string };
  const one = useQuery({
    queryKey: ['elements', 'one', id],
    queryFn: ({ signal }) => api.get('/api/v1/elements/{id}', { params: { id }, signal }),
  });
  useTabTitle(one.data ? say(one.data.element.title) : undefined);
  return (
    <Loaded query={one} heading={t('titles.element')}>
      {({ element: e, usages, differences, place }) => (
        <Page
          title={say(e.title)}
          lead={say(e.definition)}
          back={{ to: '/elements', label: t('titles.elements') }}
          actions={<StatusLabel status={e.status} />}
        >
          <div className="stack">
            <Panel title={t('elements.what')}>
              <Facts>
                <Fact label={t('elements.number')}>
                  <code>{e.number}</code> {t('elements.version', { version: e.version })}
                </Fact>
                <Fact label={t('elements.id')}>
                  <code>{e.id}</code>
                </Fact>
                <Fact label={t('elements.group')}>{say(e.groupTitle)}</Fact>
                <Fact label={t('elements.form')}>
                  {formOf(e, t)}
                  {e.format ? <code className="small quiet"> {e.format}</code> : null}
                </Fact>
                <Fact label={t('elements.domain')}>
                  {e.codes ? (
                    <Link to="/codes/$set" params={{ set: e.codes } as never}>
                      {say(e.codesTitle)}
                    </Link>
                  ) : (
                    '—'
                  )}
                </Fact>
                <Fact label={t('elements.protection')}>{t(`elements.protection-${e.protection}`)}</Fact>
                <Fact label={t('elements.standard')}>{e.standard ?? '—'}</Fact>
                <Fact label={t('elements.owner')}>{say(e.ownerName) || t('elements.city')}</Fact>
                {e.synonyms.length ? <Fact label={t('elements.synonyms')}>{e.synonyms.join('、')}</Fact> : null}
                {e.replacedBy ? (
                  <Fact label={t('elements.replaced-by')}>
                    <Link to="/elements/$element" params={{ element: e.replacedBy } as never}>
                      {e.replacedBy}
                    </Link>
                  </Fact>
                ) : null}
                <Fact label={t('elements.place')}>
                  <code className="small">{place}</code>
                </Fact>
              </Facts>
            </Panel>
            <Panel title={t('elements.used')} flush={usages.length > 0} extra={<UsedSummary usages={usages} />}>
              <DataTable
                caption={t('elements.used')}
                rows={usages}
                rowKey={(u, i) => `${u.kind} ${u.id} ${i}`}
                empty={<Empty title={t('elements.unused')}>{t('elements.unused-text')}</Empty>}
                columns={[
                  { key: 'kind', title: t('elements.used-kind'), tight: true, render: (u) => <Kind kind={u.kind} /> },
                  { key: 'title', head: true, title: t('elements.used-by'), render: (u) => <Target usage={u} /> },
                  {
                    key: 'through',
                    title: t('elements.through'),
                    render: (u) => (
                      <span className="small mono">
                        {u.through.slice(0, 4).join('、')}
                        {u.through.length > 4 ? ` … ${u.through.length}` : ''}
                      </span>
                    ),
                  },
                ]}
              />
            </Panel>
            <Panel title={t('elements.differences')} flush={differences.length > 0}>
              <Differences items={differences} element={false} />
            </Panel>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Kind({ kind }: { kind: string }) {
  const { t } = useSpeech();
  return <Label>{t(`elements.used-${kind}`, { defaultValue: kind })}</Label>;
}

function UsedSummary({ usages }: { usages: readonly Usage[] }) {
  const { t } = useSpeech();
  const counts = new Map<string, number>();
  for (const u of usages) counts.set(u.kind, (counts.get(u.kind) ?? 0) + 1);
  return (
    <span className="quiet">
      {[...counts].map(([kind, n]) => `${t(`elements.used-${kind}`, { defaultValue: kind })} ${n}`).join(' · ')}
    </span>
  );
}

/** The name of a use, leading to its page where it has one. */
function Target({ usage: u }: { usage: Usage }) {
  const { say } = useSpeech();
  if (u.kind === 'field')
    return (
      <Link to="/catalogue/resources/$resource" params={{ resource: u.id } as never}>
        {say(u.title)}
      </Link>
    );
  if (u.kind === 'entry')
    return (
      <Link to="/catalogue/entries/$entry" params={{ entry: u.id } as never}>
        {say(u.title)}
      </Link>
    );
  return (
    <>
      {say(u.title)} <code className="small quiet">{u.id}</code>
    </>
  );
}
