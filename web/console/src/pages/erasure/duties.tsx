/** What a department is to delete because its person was erased where it came from, and its word that it did. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Asked } from './shared.tsx';

type Duty = Answer<'/api/v1/sharing/erasures'>['items'][number];

export default function Duties() {
  const { t } = useSpeech();
  const { may } = useSession();
  const [answering, setAnswering] = useState<number>();
  const list = useQuery({
    queryKey: ['erasure', 'duties'],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/erasures', { signal }),
    refetchInterval: 60_000,
  });
  return (
    <Page title={t('titles.sharing-erasures')} lead={t('erasure.duties-lead')}>
      <Loaded query={list}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('erasure.duties-none')}>{t('erasure.duties-none-how')}</Empty>
          ) : (
            <div className="stack">
              {data.items.map((d) => (
                <Shown key={d.id} of={d} answer={() => setAnswering(d.id)} />
              ))}
            </div>
          )
        }
      </Loaded>
      <Asked
        open={answering !== undefined}
        title={t('erasure.acknowledge')}
        fields={[{ name: 'statement', label: t('erasure.acknowledge-what'), max: 1000 }]}
        said={t('erasure.acknowledge-done')}
        close={() => setAnswering(undefined)}
        act={({ statement }) =>
          // What another hub's department answered is put down by who oversees sharing.
          may('sharing.request')
            ? api.post('/api/v1/sharing/erasures/{id}/acknowledgement', {
                params: { id: answering! },
                body: { statement: statement! },
              })
            : api.post('/api/v1/sharing/erasures/{id}/answer-of-peer', {
                params: { id: answering! },
                body: { statement: statement! },
              })
        }
      />
    </Page>
  );
}

function Shown({ of: d, answer }: { of: Duty; answer: () => void }) {
  const { t, say } = useSpeech();
  return (
    <Panel
      title={say(d.title)}
      extra={
        d.acknowledgedAt ? (
          <Label tone="good">{t('erasure.acknowledged')}</Label>
        ) : (
          <>
            {d.overdue ? <Label tone="bad">{t('erasure.overdue')}</Label> : null}
            {d.mine ? (
              <Button type="primary" size="small" onClick={answer}>
                {t('erasure.acknowledge')}
              </Button>
            ) : null}
          </>
        )
      }
    >
      <Facts>
        <Fact label={t('titles.sharing-request')}>
          <Link to="/sharing/requests/$request" params={{ request: String(d.request) }}>
            {t('erasure.duty', { request: d.request })}
          </Link>
        </Fact>
        <Fact label={t('erasure.organisation')}>{say(d.organisation.name)}</Fact>
        <Fact label={t('erasure.told')}>
          <Instant at={d.toldAt} />
        </Fact>
        <Fact label={t('erasure.by-when')}>{d.due ? <span className="num">{day(d.due)}</span> : '—'}</Fact>
        <Fact label={t('erasure.numbers')} wide>
          {d.records.length ? (
            <span className="mono small break">{d.records.join(' ')}</span>
          ) : (
            t('erasure.numbers-hidden', { n: d.count })
          )}
        </Fact>
        {d.statement ? (
          <Fact label={t('erasure.statement')} wide>
            {d.statement}
            <div className="small quiet">
              <Instant at={d.acknowledgedAt} /> <span className="mono">{d.by}</span>
            </div>
          </Fact>
        ) : null}
      </Facts>
    </Panel>
  );
}
