/** Says that no trustworthy publications file could be had, and why: whatever is shown beside it is proven by less than usual, or not at all. */
import { KeylessError } from '@jingwei/keyless';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { publicationsQuery } from './service.ts';
import { Unreadable } from './verdict.tsx';

export function PublicationsFault() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const file = useQuery(publicationsQuery);
  if (!file.isError) return null;
  const retry = async () => {
    await file.refetch();
    // What was judged without it is judged again.
    await client.invalidateQueries({ queryKey: ['trust', 'judged'] });
  };
  return (
    <div className="stack-s">
      <p className="note warn">{t('trust.verify.no-publications')}</p>
      {file.error instanceof KeylessError ? (
        <Unreadable error={file.error} />
      ) : (
        <Failure error={file.error} retry={() => void retry()} />
      )}
    </div>
  );
}
