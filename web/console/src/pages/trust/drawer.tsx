/** The certificate as a drawer shows it beside the thing that was sealed. */
import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../../components/states.tsx';
import { Certificate, sealQuery } from './certificate.tsx';

export default function SealDrawerBody({ seal }: { seal: number }) {
  const query = useQuery(sealQuery(seal));
  return <Loaded query={query}>{(data) => <Certificate seal={data} />}</Loaded>;
}
