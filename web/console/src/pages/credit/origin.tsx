/** Where a record comes from: its received row, its run, its file, and the fingerprints that prove it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Drawer } from 'antd';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label } from '../../components/page.tsx';
import { RowSealMark } from '../../components/seal-mark.tsx';
import { Loaded } from '../../components/states.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { useOwners } from '../exchange/shared.tsx';
import { CorrectButton, OpenCorrection, usePossible } from '../verify/raise.tsx';
import { Cell } from './cell.tsx';

export function OriginDrawer({ fact, onClose }: { fact: string; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Drawer open onClose={onClose} size={680} title={t('credit.origin.title')}>
      <Origin fact={fact} />
    </Drawer>
  );
}

/** The chain from the record back to what was received. */
export function Origin({ fact, withRecord = true }: { fact: string; withRecord?: boolean }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const owners = useOwners();
  const origin = useQuery({
    queryKey: ['credit', 'origin', fact],
    queryFn: ({ signal }) => api.get('/api/v1/credit/facts/{fact}/origin', { params: { fact }, signal }),
  });
  const possible = usePossible({ fact }, withRecord && origin.data !== undefined && !origin.data.closedRun);
  return (
    <Loaded query={origin}>
      {(data) => (
        <div className="stack">
          {withRecord ? (
            <>
              <div className="row">
                <Label tone="primary">{t(`terms.category.${data.class.category}`)}</Label>
                <span className="strong">{say(data.class.title)}</span>
                {data.closedRun ? (
                  <Label tone="warn">{t('credit.origin.closed', { run: data.closedRun })}</Label>
                ) : (
                  <CorrectButton target={{ fact }} of={say(data.class.title)} />
                )}
              </div>
              <Facts>
                {data.class.fields.map((field, i) => (
                  <Fact key={field.name} label={say(field.title)}>
                    <Cell cell={data.record.cells[i]} unit={field.unit} />{' '}
                    <FieldCorrection possible={possible} field={field.name} />
                  </Fact>
                ))}
              </Facts>
            </>
          ) : null}
          <ol className="chain" aria-label={t('credit.origin.chain')}>
            <li>
              <span className="quiet">{t('credit.origin.row')}</span>
              <span>{t('credit.origin.row-text', { row: full(data.row), n: full(data.run.received) })}</span>
              <Leaf run={data.run.run} row={data.row} leaf={data.leaf} />
              <RowSealMark run={data.run.run} row={data.row} />
            </li>
            <li>
              <span className="quiet">{t('credit.origin.run')}</span>
              <span>
                {may('exchange.read') ? (
                  <Link to="/exchange/runs/$run" params={{ run: String(data.run.run) } as never}>
                    #{data.run.run}
                  </Link>
                ) : (
                  `#${data.run.run}`
                )}{' '}
                · <Instant at={data.run.finished} />
              </span>
              <span className="small quiet">
                {t('exchange.received')} {full(data.run.received)} = {t('exchange.accepted')} {full(data.run.accepted)}{' '}
                + {t('exchange.quarantined')} {full(data.run.quarantined)} + {t('exchange.duplicate')}{' '}
                {full(data.run.duplicate)}
              </span>
            </li>
            <li>
              <span className="quiet">{t('credit.origin.file')}</span>
              <span className="mono">{data.run.input ?? '—'}</span>
              <span className="small quiet">
                {owners.nameOf(data.class.owner)} · {data.class.source}
                {data.run.declaration ? ` · ${t('exchange.run.version', { n: data.run.declaration })}` : ''}
              </span>
            </li>
            <li>
              <span className="quiet">{t('credit.origin.root')}</span>
              {data.run.root ? <Hash value={data.run.root} /> : <span>—</span>}
              <span className="small quiet">{t('credit.origin.root-text', { n: full(data.run.leaves) })}</span>
            </li>
          </ol>
        </div>
      )}
    </Loaded>
  );
}

/** Whether a field of the record is being corrected. */
function FieldCorrection({ possible, field }: { possible: ReturnType<typeof usePossible>; field: string }) {
  const open = possible.data?.items.find((i) => i.field === field)?.open;
  return open ? <OpenCorrection of={open} /> : null;
}

/** The fingerprint of the received row, and how far it is from the root of its run. */
function Leaf({ run, row, leaf }: { run: number; row: number; leaf: string | null }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const proof = useQuery({
    queryKey: ['exchange', 'proof', run, row],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/runs/{run}/rows/{row}/proof', { params: { run, row }, signal }),
    enabled: may('exchange.read'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const shown = leaf ?? proof.data?.leaf;
  if (!shown) return null;
  return (
    <span>
      <Hash value={shown} />
      {proof.data ? (
        <span className="small quiet"> {t('credit.origin.path', { n: proof.data.path.length })}</span>
      ) : null}
    </span>
  );
}
