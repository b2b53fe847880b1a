from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route


class KehuDeliveryPortal(CustomerPortal):
    """What the customer does with deliveries: sign for them, and read their delivery notes."""

    @route(["/my/orders/<int:order_id>/receive"], type="jsonrpc", auth="public", website=True)
    def kehu_receive(self, order_id, access_token=None, name=None, signature=None):
        """Sign for what has left for an order; by its link, or signed in as its customer.

        :return: {"error": sentence}, or where to go, as the host's signature form expects it
        """
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return {"error": request.env._("Invalid order.")}
        if not signature:
            return {"error": request.env._("Signature is missing.")}
        user = request.env.user
        author = order_sudo.partner_id if user._is_public() else user.partner_id
        try:
            with request.env.cr.savepoint():
                if user._is_internal():  # one of us, showing the page to the customer: who may record it, and is named
                    order_sudo.with_user(user).kehu_sign_delivery(name, signature=signature)
                else:
                    order_sudo._kehu_sign_delivery(name, signature=signature, author=author)
        except UserError as error:
            return {"error": str(error)}
        return {"force_refresh": True, "redirect_url": order_sudo.get_portal_url(query_string="&message=received")}

    @route(["/my/orders/<int:order_id>/shipments/<int:shipment_id>"], type="http", auth="public", website=True)
    def kehu_delivery_note(self, order_id, shipment_id, access_token=None, **kwargs):
        """The delivery note of a shipment, as a PDF."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        shipment_sudo = order_sudo.kehu_shipment_ids.filtered(lambda shipment: shipment.id == shipment_id and shipment.state != "cancelled")
        if not shipment_sudo:
            return request.redirect(order_sudo.get_portal_url())
        return self._show_report(model=shipment_sudo, report_type="pdf", report_ref="kehu_crm.print_delivery_note_report", download=False)
