"""The call that says what an expert is going to cost, before it is made."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experts.api.caller import caller
from experts.api.schema import ID, describe, success
from experts.api.serializers.costs import EstimateSerializer, estimate_body
from experts.api.serializers.experts import SelectionSerializer
from experts.costs import estimate
from experts.operations import resolve_files


class EstimateView(APIView):
    @describe(
        "Estimate what a selection of files costs",
        description="Nothing is made. Files that have been read cost nothing more.",
        request=SelectionSerializer,
        answer=success("Estimate", estimate=EstimateSerializer()),
        failures=(400,),
        request_example={"selected_files": [ID]},
    )
    def post(self, request: Request) -> Response:
        serializer = SelectionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        files = resolve_files(serializer.validated_data["selected_files"], owner=caller(request))
        return Response({"success": True, "estimate": estimate_body(estimate(files))})
