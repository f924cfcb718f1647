/** 为什么是这个值: the claims of all sources, the rule that chose, the way back to each received row, the history. */
import { useQuery } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { AttributeCorrection, CorrectButton, usePossible } from '../verify/raise.tsx';
import { Cell } from './cell.tsx';
import { Origin } from './origin.tsx';

/** `fact`: the record that the value was taken from, as the panorama says; shown when no source says otherwise. */
export function WhyDrawer({
  entity,
  attribute,
  fact,
  onClose,
}: {
  entity: string;
  attribute: string;
  fact: string | null;
  onClose: () => void;
}) {
  const { t, say } = useSpeech();
  const why = useQuery({
    queryKey: ['credit', 'why', entity, attribute],
    queryFn: ({ signal }) =>
      api.get('/api/v1/credit/enterprises/{entity}/why', { params: { entity }, query: { attribute }, signal }),
  });
  const target = { library: 'legal-person', entity };
  const possible = usePossible(target);
  return (
    <Drawer open onClose={onClose} size={720} title={t('credit.why.title')}>
      <Loaded query={why}>
        {(data) => (
          <div className="stack">
            <div className="answer">
              <span className="quiet">{say(data.title)}</span>
              <span className="answer-value">
                <Cell cell={data.cell} />
              </span>
              <p>{say(data.reason)}</p>
              {possible.data?.items.some((i) => i.attribute === attribute) ? (
                <p className="row">
                  <CorrectButton target={target} only={attribute} of={say(data.title)} />
                  <AttributeCorrection possible={possible} attribute={attribute} />
                </p>
              ) : null}
            </div>
            {data.candidates.length ? (
              <section className="stack-s">
                <h3>{t('credit.why.claims', { n: data.candidates.length })}</h3>
                {data.candidates.map((candidate) => (
                  <Claim
                    key={`${candidate.fact}-${candidate.class}-${candidate.cell.value}`}
                    claim={candidate}
                    agrees={candidate.cell.value !== null && candidate.cell.value === data.cell.value}
                    first={candidate.chosen}
                  />
                ))}
              </section>
            ) : fact ? (
              <Origin fact={fact} />
            ) : (
              <p className="quiet">{t('credit.why.derived')}</p>
            )}
            {data.history.length ? (
              <section className="stack-s">
                <h3>{t('credit.why.history')}</h3>
                <DataTable
                  caption={t('credit.why.history')}
                  rows={data.history}
                  rowKey={(row, i) => `${row.fact}-${i}`}
                  columns={[
                    {
                      key: 'value',
                      title: t('credit.why.value'),
                      head: true,
                      render: (row) => <Cell cell={row.cell} />,
                    },
                    {
                      key: 'valid',
                      title: t('credit.why.valid'),
                      render: (row) => (
                        <span className="nowrap">
                          {row.validFrom ?? '…'} – {row.validTo ?? t('credit.why.now')}
                        </span>
                      ),
                    },
                    {
                      key: 'recorded',
                      title: t('credit.why.recorded'),
                      render: (row) => <Instant at={row.recordedAt} />,
                    },
                    {
                      key: 'source',
                      title: t('exchange.source'),
                      render: (row) => (row.title ? say(row.title) : (row.source ?? '—')),
                    },
                  ]}
                />
              </section>
            ) : null}
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

interface ClaimLike {
  cell: { value: string | null; shown: 'plain' | 'masked' | 'hidden'; flagged?: true; token?: string };
  chosen: boolean;
  source: string;
  owner: string;
  title: { zh: string; en: string };
  rank: number | null;
  day: string | null;
  fact: string | null;
}

function Claim({ claim, first, agrees }: { claim: ClaimLike; first: boolean; agrees: boolean }) {
  const { t, say } = useSpeech();
  const [open, setOpen] = useState(first);
  return (
    <article className={claim.chosen ? 'claim chosen' : 'claim'}>
      <div className="row spread">
        <span className="claim-value">
          <Cell cell={claim.cell} />
        </span>
        {claim.chosen ? (
          <Label tone="good">{t('credit.why.chosen')}</Label>
        ) : (
          <Label>{agrees ? t('credit.why.agrees') : t('credit.why.not-chosen')}</Label>
        )}
      </div>
      <div className="row small quiet">
        <span>{say(claim.title)}</span>
        <span className="mono">{claim.source}</span>
        {claim.rank === null ? null : <span>{t('credit.why.rank', { n: claim.rank })}</span>}
        {claim.day ? <span>{claim.day}</span> : null}
      </div>
      {claim.fact ? (
        <>
          <Button
            type="link"
            size="small"
            style={{ paddingInline: 0 }}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? t('credit.why.hide-origin') : t('credit.why.show-origin')}
          </Button>
          {open ? <Origin fact={claim.fact} withRecord={false} /> : null}
        </>
      ) : null}
    </article>
  );
}
