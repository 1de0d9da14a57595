import { useQuery } from '@tanstack/react-query';
import { customerQuery } from '../../api/requests';

export function useCustomerName(id: string): string | undefined {
  return useQuery(customerQuery(id)).data?.name;
}
