/** The archivist's decision: every warning is accepted with a ground, or the archive is sent back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import type { Archive } from './marks.tsx';

export function TakeIn({ archive }: { archive: Archive }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [grounds, setGrounds] = useState<Record<string, string>>({});
  const warned = archive.examinations[0]?.items.filter((i) => i.result === 'warned') ?? [];
  const take = useMutation({
    mutationFn: () => api.post('/api/v1/archives/{id}/take-in', { params: { id: archive.id }, body: { grounds } }),
    onSuccess: () => {
      void message.success(t('archives.took-in'));
      void client.invalidateQueries({ queryKey: ['archives'] });
    },
  });
  return (
    <Panel title={t('archives.take-in')}>
      <div className="stack-s">
        <p>{warned.length > 0 ? t('archives.take-in-warned', { n: warned.length }) : t('archives.take-in-text')}</p>
        {warned.map((item) => (
          <div key={item.code} className="stack-s">
            <label htmlFor={`ground-${item.code}`}>
              <code className="quiet">{item.code}</code> {say(item.title)}
              <span className="small quiet"> {item.faults.map((f) => say(f.sentence)).join('；')}</span>
            </label>
            <Input
              id={`ground-${item.code}`}
              maxLength={500}
              placeholder={t('archives.ground')}
              value={grounds[item.code] ?? ''}
              onChange={(event) => setGrounds({ ...grounds, [item.code]: event.target.value })}
            />
          </div>
        ))}
        {take.isError ? <Failure error={take.error} /> : null}
        <div>
          <Button
            type="primary"
            loading={take.isPending}
            disabled={warned.some((i) => !grounds[i.code]?.trim())}
            onClick={() => take.mutate()}
          >
            {t('archives.take-in')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
