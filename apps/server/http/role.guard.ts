import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type Access, type Role } from '@waybill/access';
import type { Request } from 'express';
import { authorize, denied, type Needed } from './authorization.js';

const NEEDED = 'waybill:needed';

/** Any of the roles is enough; an administrator may always. */
export const RequireRole = (...needed: readonly Role[]): MethodDecorator & ClassDecorator =>
  SetMetadata<string, Needed>(NEEDED, needed);

export const Requires = (needed: Needed): MethodDecorator & ClassDecorator => SetMetadata(NEEDED, needed);

/** Deny by default: a route that names no role is open to nobody. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(ACCESS) private readonly access: Access,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const needed = this.reflector.getAllAndOverride<Needed | undefined>(NEEDED, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (needed === 'nobody-in-particular') return true;
    if (needed === undefined) throw await denied(this.access, request, []);
    await authorize(this.access, request, needed);
    return true;
  }
}
