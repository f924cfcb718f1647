/** An entry of another hub: what it says, on what terms it is had, its items, and the way to ask for it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Button, Flex } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Protection } from '../sharing/shared.tsx';
import { blankContent, RequestForm } from './request-form.tsx';
import { Level, type RemoteDetail, Sharing } from './shared.tsx';

export default function RemoteEntryPage() {
  const { t, say } = useSpeech();
  const { entry } = useParams({ strict: false }) as { entry: string };
  const one = useQuery({
    queryKey: ['peers', 'entry', entry],
    queryFn: ({ signal }) => api.get('/api/v1/peers/entries/{id}', { params: { id: entry }, signal }),
  });
  const title = one.data ? say(one.data.entry.title) : t('titles.peers-entry');
  useTabTitle(one.data ? title : undefined);
  return (
    <Page
      title={title}
      lead={one.data ? say(one.data.entry.description) : undefined}
      back={{ to: '/peers/entries', label: t('titles.peers-entries') }}
    >
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

function Body({ data }: { data: RemoteDetail }) {
  const { t, say } = useSpeech();
  const [asking, setAsking] = useState(false);
  const { entry } = data;
  const empty = <span className="quiet">—</span>;
  return (
    <div className="stack">
      {entry.goneAt ? <p className="note bad">{t('peers.gone-note', { at: instant(entry.goneAt) })}</p> : null}
      <Panel
        title={t('peers.terms')}
        extra={
          data.mayAsk && !asking ? (
            <Button type="primary" onClick={() => setAsking(true)}>
              {t('peers.ask')}
            </Button>
          ) : null
        }
      >
        <div className="stack-s">
          <Facts>
            <Fact label={t('peers.hub')}>
              {say(entry.peer.name)} <Level level={entry.peer.level} />
            </Fact>
            <Fact label={t('peers.publisher')}>{entry.publisher ?? empty}</Fact>
            <Fact label={t('peers.sharing')}>
              <Sharing sharing={entry.sharing} open={entry.open} />
            </Fact>
            <Fact label={t('peers.code-of')}>{entry.code ? <code>{entry.code}</code> : empty}</Fact>
            <Fact label={t('peers.cycle')}>{entry.cycle ? t(`peers.cycles.${entry.cycle}`) : empty}</Fact>
            <Fact label={t('peers.modified')}>{entry.modified ? day(entry.modified.slice(0, 10)) : empty}</Fact>
            {data.condition ? (
              <Fact label={t('peers.condition')} wide>
                {data.condition}
              </Fact>
            ) : null}
            {data.themes.length || data.keywords.length ? (
              <Fact label={t('peers.themes')} wide>
                <Flex wrap gap={4}>
                  {[...new Set([...data.themes, ...data.keywords])].map((w) => (
                    <Label key={w}>{w}</Label>
                  ))}
                </Flex>
              </Fact>
            ) : null}
            <Fact label={t('peers.origin')} wide>
              <code style={{ overflowWrap: 'anywhere' }}>{entry.uri}</code>
            </Fact>
          </Facts>
          {data.whyNot ? <p className="small quiet">{say(data.whyNot.title)}</p> : null}
          {data.changed.length ? (
            <p className="small quiet">
              {t('peers.changed-what', {
                at: instant(entry.changedAt),
                what: data.changed.map((c) => t(`peers.part.${c}`)).join('、'),
              })}
            </p>
          ) : null}
          {data.landingPage ? (
            <p>
              <a href={data.landingPage} target="_blank" rel="noreferrer">
                {t('peers.landing')}
              </a>
            </p>
          ) : null}
        </div>
      </Panel>
      {data.matters.length ? (
        <Panel title={t('peers.asked')}>
          <ul className="stack-s" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
            {data.matters.map((m) => (
              <li key={m.id}>
                <Link to="/peers/matters/$matter" params={{ matter: String(m.id) } as never}>
                  {m.department} #{m.id}
                </Link>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
      {asking ? <Ask data={data} /> : null}
      {asking ? null : (
        <Panel title={`${t('sharing.items')} ${full(data.items.length)}`}>
          <DataTable
            caption={t('sharing.items')}
            rows={data.items}
            rowKey={(row) => row.name}
            empty={<p className="small quiet">{t('peers.no-items')}</p>}
            columns={[
              { key: 'title', title: t('sharing.item'), head: true, render: (row) => say(row.title) },
              { key: 'name', title: t('peers.field'), render: (row) => <code>{row.name}</code> },
              { key: 'unit', title: t('peers.unit'), tight: true, render: (row) => row.unit ?? '—' },
              {
                key: 'protection',
                title: t('peers.protection'),
                tight: true,
                render: (row) => <Protection of={row.protection} />,
              },
            ]}
          />
        </Panel>
      )}
      {data.distributions.length ? (
        <Panel title={t('peers.ways')}>
          <ul className="stack-s" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
            {data.distributions.map((d) => (
              <li key={`${d.title} ${d.url}`} className="row spread">
                <span>
                  {d.title || d.url || '—'} {d.format ? <Label>{d.format}</Label> : null}
                </span>
                {d.url ? (
                  <a href={d.url} target="_blank" rel="noreferrer">
                    {t('peers.open-way')}
                  </a>
                ) : null}
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
    </div>
  );
}

/** The draft of a request; what follows is on its own page. */
function Ask({ data }: { data: RemoteDetail }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [content, setContent] = useState(blankContent);
  const make = useMutation({
    mutationFn: () => api.post('/api/v1/peers/matters', { body: { entry: data.entry.id, content } }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['peers'] });
      await navigate({ to: '/peers/matters/$matter', params: { matter: String(id) } as never });
    },
  });
  return (
    <Panel title={t('peers.ask')}>
      <div className="stack-s">
        <p className="small quiet">{t('peers.ask-note')}</p>
        <RequestForm
          items={data.items}
          condition={data.entry.sharing === 'conditional' ? data.condition : null}
          content={content}
          set={(patch) => setContent((before) => ({ ...before, ...patch }))}
        />
        {make.isError ? <Failure error={make.error} /> : null}
        <div>
          <Button
            type="primary"
            loading={make.isPending}
            disabled={!content.items.length}
            onClick={() => make.mutate()}
          >
            {t('peers.save-draft')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
