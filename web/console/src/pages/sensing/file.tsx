/** A file of readings: history that is brought by hand, with what was refused line by line. */
import { useQueryClient } from '@tanstack/react-query';
import { type Answer, urlOf } from '../../api/client.ts';
import { FileDrop } from '../../components/drop.tsx';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Panel } from '../../components/page.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

type Sent = Answer<'/api/v1/sensing/files', 'post'>;

export function ReadingsFile() {
  const { t } = useSpeech();
  const { may } = useSession();
  const client = useQueryClient();
  if (!may('sensing.manage')) return null;
  return (
    <Panel title={t('sensing.file')}>
      <div className="stack-s">
        <FileDrop<Sent>
          address={(file) =>
            urlOf('/api/v1/sensing/files', {}, { form: /\.(nd)?jsonl?$/i.test(file.name) ? 'ndjson' : 'csv' })
          }
          title={t('sensing.file-drop')}
          note={t('sensing.file-note')}
          sending={(name) => t('sensing.file-sending', { name })}
          onSent={() => void client.invalidateQueries({ queryKey: ['sensing'] })}
          sent={(answer) => <Outcome of={answer} />}
        />
      </div>
    </Panel>
  );
}

function Outcome({ of }: { of: Sent }) {
  const { t, say } = useSpeech();
  return (
    <div className="stack-s" role="status">
      <Figures>
        {(['received', 'kept', 'repeated', 'converted', 'refused'] as const).map((key) => (
          <Figure
            key={key}
            label={t(`sensing.count.${key}`)}
            {...(key === 'refused' && of.refused ? { tone: 'warn' as const } : {})}
          >
            <Num value={of[key]} exact />
          </Figure>
        ))}
      </Figures>
      {of.faults.length ? (
        <>
          {of.refused > of.faults.length ? (
            <p className="small quiet">{t('sensing.file-first', { n: of.faults.length })}</p>
          ) : null}
          <DataTable
            caption={t('sensing.file-faults')}
            rows={of.faults}
            rowKey={(f) => f.index}
            columns={[
              {
                key: 'line',
                title: t('sensing.line'),
                tight: true,
                align: 'end',
                render: (f) => <span className="num">{f.line ?? '—'}</span>,
              },
              { key: 'reason', title: t('sensing.reason'), head: true, render: (f) => say(f.title) },
              {
                key: 'what',
                title: t('sensing.reading'),
                render: (f) => (
                  <span className="small" style={{ overflowWrap: 'anywhere' }}>
                    {f.said?.entity} {f.said?.property}
                  </span>
                ),
              },
              {
                key: 'value',
                title: t('sensing.value'),
                render: (f) => `${f.said?.value ?? ''} ${f.said?.unit ?? ''}`.trim() || '—',
              },
              { key: 'at', title: t('sensing.said-at'), render: (f) => <span className="small">{f.said?.at}</span> },
            ]}
          />
        </>
      ) : null}
    </div>
  );
}
